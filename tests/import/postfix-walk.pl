#!/usr/bin/perl
# postfix-walk.pl TMAIL POSTMAP SEED COUNT - COUNT random sets of Postfix's maps, each imported,
# compiled and asked for random mails; the answers are compared with those of postmap -q, walked
# as trivial-rewrite(8) and smtp(8) do.  Whether it walks so is asked of trivial-rewrite itself.
use strict;
use warnings;
use Cwd qw(getcwd);
use JSON::PP;
use Socket;

my ($tmail, $postmap, $seed, $count) = @ARGV;
my @kinds = qw(transport sender-relay sender-transport sasl tls-policy);
srand $seed;

sub pick { return $_[rand @_] }

sub domain { return pick(qw(example a.example b.a.example c.b.a.example test b.test)) }
sub local_part { return pick('ann', 'bob', 'bob+x', '"odd x"') }
sub address { return local_part() . '@' . domain() }
sub host { return pick(qw(r1.example r2.example a.example mx b.test)) }

sub next_hop {
	my $host = pick(host(), '[' . host() . ']', '[' . host() . ']', '[192.0.2.1]', '[ipv6:2001:DB8::1]');
	return $host . pick('', '', ':587', ':submission', ':2525');
}

sub next_hops { return rand() < 0.15 ? next_hop() . ', ' . next_hop() : next_hop() }
sub transport { return pick('smtp', 'smtp', 'relay', 'slow', '') }

sub transport_value {
	return pick(':', 'error:5.1.2 gone', 'retry:', 'discard:', 'local:', 'slow') if rand() < 0.2;
	return transport() . ':' . (rand() < 0.3 ? '' : next_hops());
}

my %key = (
	'transport' => sub { pick(address(), domain(), domain(), '.' . domain(), '*') },
	'sender-relay' => sub { pick(address(), '@' . domain(), '<>') },
	'sasl' => sub { pick(next_hop(), host(), address(), '@' . domain()) },
	'tls-policy' => sub { pick(next_hop(), domain(), '.' . domain()) },
);
$key{'sender-transport'} = $key{'sender-relay'};
my $number = 0;
my %value = (
	'transport' => \&transport_value,
	'sender-relay' => sub { rand() < 0.2 ? pick(qw(DUNNO dunno)) : next_hops() },
	'sender-transport' => sub { rand() < 0.2 ? 'DUNNO' : pick(qw(smtp slow)) . ':' . pick('', next_hops()) },
	'sasl' => sub { 'user' . ++$number . ':p:w' },
	'tls-policy' => sub { pick(qw(none may encrypt verify)) },
);

# Written a minute ago: Postfix waits before it reads what is younger than a moment.
sub spew {
	my ($file, $text) = @_;
	open my $out, '>', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	utime time - 60, time - 60, $file;
}

# Random maps, and what main.cf says.
sub make {
	my %main = (relayhost => '', default_transport => 'smtp', recipient_delimiter => '');
	my %lines = (transport => 14, 'sender-relay' => 5, 'sender-transport' => 3, sasl => 8, 'tls-policy' => 7);

	for my $kind (@kinds) {
		my $n = rand() < 0.25 ? 0 : int rand $lines{$kind};
		spew($kind, join '', map { $key{$kind}->() . pick(' ', "\t") . $value{$kind}->() . "\n" } 1 .. $n);
	}
	$main{relayhost} = next_hops() if rand() < 0.4;
	$main{default_transport} = pick('slow', 'slow:' . next_hop(), 'smtp:' . next_hop()) if rand() < 0.3;
	$main{parent_domain_matches_subdomains} = pick('smtpd_access_maps', 'relay_domains, transport_maps') if rand() < 0.3;
	$main{smtp_sender_dependent_authentication} = 'yes' if rand() < 0.3;
	spew('main.cf', join '', map { "$_ = $main{$_}\n" } sort keys %main);
	$main{parents} = ($main{parent_domain_matches_subdomains} || '') =~ /transport_maps/;
	return %main;
}

# All that any mail could ask for, asked once; postmap -q prints what is there.
sub tables {
	my ($keys) = @_;
	my %table;

	spew('keys', join '', map { "$_\n" } sort keys %$keys);
	for my $kind (@kinds) {
		system("$postmap -c . hash:$kind 2>/dev/null") == 0 or die "postmap $kind";
		for (`$postmap -c . -q - hash:$kind <keys`) {
			chomp;
			my ($key, $value) = split /\t/, $_, 2;
			$table{$kind}{lc $key} = $value;
		}
	}
	return \%table;
}

sub parents {
	my ($domain, $dot) = @_;
	my @list;

	while ($domain =~ s/^[^.]*\.//) { push @list, "$dot$domain" }
	return @list;
}

sub first {
	my ($map, @keys) = @_;

	for (@keys) { return $map->{lc $_} if defined $map->{lc $_} }
	return undef;
}

# trivial-rewrite: the transport and the next hop; undef: the recipient's domain.
sub resolve {
	my ($table, $main, $to, $from) = @_;
	my ($domain) = $to =~ /@([^@]*)$/;
	my ($sender) = $from =~ /(@[^@]*)$/;
	my @sender = !defined $from || $from eq '' ? () : $from eq '<>' ? '<>' : ($from, $sender);
	my $channel = first($table->{'sender-transport'}, @sender);
	my ($next, $relay);

	$channel = $main->{default_transport} if !defined $channel || lc $channel eq 'dunno';
	($channel, $next) = split /:/, $channel, 2;
	if (!defined $next || $next eq '') {
		$relay = first($table->{'sender-relay'}, @sender);
		$next = undef;
		$relay = $main->{relayhost} if !defined $relay || lc $relay eq 'dunno';
		$next = $relay if $relay ne '';
	}
	my $entry = first($table->{transport}, $to, $domain, parents($domain, $main->{parents} ? '' : '.'), '*');
	if (defined $entry) {
		my ($new, $hop) = split /:/, $entry, 2;
		if ($new ne '') { $channel = $new; $next = undef }
		$next = $hop if defined $hop && $hop ne '';
	}
	return ($channel, $next, $domain);
}

# A directory for trivial-rewrite with this set's maps, and a script that starts it as $postmap is.
sub configure {
	my ($dir, $servers) = (getcwd() . '/rewrite', $postmap =~ s{/bin/postmap$}{}r);
	my %maps = (transport => 'transport_maps', 'sender-relay' => 'sender_dependent_relayhost_maps',
		'sender-transport' => 'sender_dependent_default_transport_maps');
	open my $in, '<', $postmap or die "$postmap: $!";
	my $script = do { local $/; <$in> };

	$script =~ s{exec .*}{exec $servers/usr/lib/postfix/sbin/trivial-rewrite -S};
	mkdir $_ for $dir, "$dir/queue", "$dir/data";
	spew("$dir/run", $script);
	chmod 0755, "$dir/run";
	spew("$dir/master.cf", '');
	open $in, '<', 'main.cf' or die;
	spew("$dir/main.cf", join '', <$in>, map("$maps{$_} = hash:" . getcwd() . "/$_\n", sort keys %maps), <<END);
compatibility_level = 3.6
myhostname = sender.test
mydestination =
queue_directory = $dir/queue
data_directory = $dir/data
command_directory = $servers/usr/sbin
daemon_directory = $servers/usr/lib/postfix/sbin
shlib_directory = $servers/usr/lib/postfix
meta_directory = $servers/etc/postfix
import_environment = MAIL_CONFIG LD_LIBRARY_PATH LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
END
	return $dir;
}

# What trivial-rewrite says: transport and next hop.  Alone it answers once.
sub rewritten {
	my ($dir, $to, $from) = @_;

	# Its addresses have no quotes around a local part.
	s/^"(.*)"@/$1@/ for $to, $from;
	socketpair(my $ours, my $its, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!";
	my $pid = fork;
	die "fork: $!" if !defined $pid;
	if ($pid == 0) {
		$ENV{MAIL_CONFIG} = $dir;
		open STDIN, '<&', $its or die;
		open STDOUT, '>&', $its or die;
		exec "$dir/run" or die "$dir/run: $!";
	}
	close $its;
	syswrite $ours, join "\0", 'request', 'resolve', 'sender', ($from eq '<>' ? '' : $from),
	    'address', $to, 'class', '', "\0";
	my $reply = do { local $/; <$ours> };
	waitpid $pid, 0;
	my %reply = split /\0/, $reply // '';
	return join ' ', $reply{transport} // 'nothing', $reply{nexthop} // '';
}

# smtp: what is done at each next hop.
sub hop {
	my ($table, $main, $channel, $next, $domain, $from) = @_;
	my %ports = (submission => 587);
	my ($host, $port, $mx);

	if (!defined $next) {
		my $tls = first($table->{'tls-policy'}, $domain, parents($domain, '.'));
		return join ' ', 'mx', '-', $channel, '-', level($tls, 0);
	}
	if ($next =~ /^\[([^\]]*)\](?::(.*))?$/) { ($host, $port, $mx) = ($1, $2, 0) }
	else { ($host, $port) = split /:/, $next; $mx = 1 }
	$host = lc $host;
	$host =~ s/^ipv6://;
	$port = defined $port ? $ports{$port} || $port : 25;
	my ($sender) = $from =~ /(@[^@]*)$/;
	my @keys = ($host, $next);
	unshift @keys, $from, $sender
	    if $main->{smtp_sender_dependent_authentication} && $from ne '' && $from ne '<>';
	my $login = first($table->{sasl}, @keys);
	$login =~ s/:.*// if defined $login;
	$mx = 0 if defined $login;
	my $tls = first($table->{'tls-policy'}, $next, $next =~ /[\[:]/ ? () : parents($next, '.'));
	return join ' ', ($mx ? "mx:$host" : $host), $port, $channel, $login || '-', level($tls, defined $login);
}

sub level {
	my ($tls, $login) = @_;
	my %words = (none => 'off', may => '', encrypt => 'required', verify => 'verified');

	return $words{$tls || 'may'} || ($login ? 'verified' : 'opportunistic');
}

sub wanted {
	my ($table, $main, $to, $from) = @_;
	my ($channel, $next, $domain) = resolve($table, $main, $to, $from);

	return 'reject' if $channel eq 'error';
	return 'defer' if $channel eq 'retry';
	return 'discard' if $channel eq 'discard';
	return undef if $channel eq 'local';
	my @next = defined $next ? split(/[, ]+/, $next) : undef;
	return join '; ', map { hop($table, $main, $channel, $_, $domain, $from) } @next;
}

sub got {
	my ($answer) = @_;
	my @routes;

	# Nothing matched: the MX.
	return 'mx - smtp - opportunistic' if !defined $answer->{match};
	return $answer->{action} if $answer->{action} ne 'relay';
	@routes = sort { $a->{priority} <=> $b->{priority} } @{$answer->{routes}};
	return join '; ', map {
		# A domain's own MX is no name, but true.
		join ' ', (defined $_->{host} ? $_->{host} : ref $_->{mx} ? 'mx' : "mx:$_->{mx}"),
		    (ref $_->{mx} ? '-' : $_->{port} || 25), $_->{transport},
		    (defined $_->{login} ? $_->{login} : '-'), $_->{tls}
	} @routes;
}

# A list that names a next hop twice is one candidate here.
sub unique {
	my %seen;
	return join '; ', grep { !$seen{$_}++ } split /; /, $_[0];
}

my ($compared, $relayed, $rewritten) = (0, 0, 0);
for my $set (1 .. $count) {
	my %main = make();
	my (@mails, %keys);

	for (1 .. 150) {
		my ($to, $from) = (address(), pick('', '<>', address(), address()));
		push @mails, [$to, $from];
		for my $name ($to, $from) {
			my ($domain) = $name =~ /@([^@]*)$/ or next;
			$keys{$_} = 1 for $name, "\@$domain", $domain, parents($domain, '.'), parents($domain, '');
		}
	}
	$keys{$_} = 1 for '*', '<>';
	for my $kind ('main.cf', @kinds) {
		open my $in, '<', $kind or die;
		while (<$in>) {
			s/^\S+\s//;
			for (split /[,\s]+/) {
				s/^[a-z]*:(?=.)// if !/^[a-z]*:\d|^[a-z]*:submission$/;
				my $hop = $_;
				$keys{$hop} = 1;
				$keys{$_} = 1 for parents($hop, '.');
				$keys{lc $1} = 1 if $hop =~ /^\[?(?:ipv6:)?([^\]]*?)(\]|:\w+$|$)/i;
				$keys{lc $1} = 1 if $hop =~ /^([^\[:]*):/;
			}
		}
	}
	delete $keys{''};
	my $table = tables(\%keys);
	my $dir = configure();
	for my $mail (grep { $_->[1] ne '' } @mails[0 .. 19]) {
		my ($channel, $next, $domain) = resolve($table, \%main, @$mail);
		my $walked = join ' ', $channel, $next // $domain;
		my $real = rewritten($dir, @$mail);
		# What these say is in the reply's text, not in a next hop.
		s/^(error|retry) .*/$1/ for $walked, $real;
		$rewritten++;
		next if $walked eq $real;
		print "set $set of seed $seed: to $mail->[0] from '$mail->[1]': trivial-rewrite: $real; walked: $walked\n";
		exit 1;
	}
	my $maps = join ' ', map { "--map $_=$_" } @kinds;
	my $code = system("$tmail routes import postfix -q $maps --map main=main.cf >routes.conf");
	die "import: $code" if $code != 0 && $code != 256;
	chmod 0600, 'routes.conf';
	system("$tmail routes compile -q -c routes.conf") == 0 or die "compile, seed $seed, set $set";
	spew('mails', join '', map { "$_->[0]\t\t$_->[1]\n" } @mails);
	my @answers = `$tmail routes lookup --json -c routes.conf - <mails`;
	for my $i (0 .. $#mails) {
		my $wanted = wanted($table, \%main, @{$mails[$i]});
		next if !defined $wanted;
		$wanted = unique($wanted);
		my $got = unique(got(decode_json($answers[$i])));
		$compared++;
		$relayed++ if $wanted =~ / /;
		next if $wanted eq $got;
		print "set $set of seed $seed: to $mails[$i][0] from '$mails[$i][1]': postfix: $wanted; tmail: $got\n";
		exit 1;
	}
}
print "$compared mails agree, $relayed of them relayed, $rewritten as trivial-rewrite says\n";
exit($compared < $count * 100 || $rewritten < $count * 8 || $relayed < $count * 60);
