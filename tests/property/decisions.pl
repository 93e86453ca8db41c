#!/usr/bin/perl
# decisions.pl [SEED [PAIRS]] - random pairs of configurations, and what `diff`, its samples
# and the guard of `compile` say of them, against an oracle that looks every query of a closed
# universe up in both, and against the listings of both.
#
# Half of the pairs are compared as configurations, half as indexes.  The test of the test:
# oracles with a mistake must disagree somewhere.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use JSON::PP;

my ($seed, $pairs) = ($ARGV[0] // 20240229, $ARGV[1] // 300);
srand($seed);
my $tmail = abs_path($ENV{TMAIL} || 'build/tmail');
# No disk: every compile waits for what it writes.
chdir tempdir(CLEANUP => 1, -w '/dev/shm' ? (DIR => '/dev/shm') : (TMPDIR => 1)) or die;
umask 077;
delete @ENV{qw(TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX)};
my $json = JSON::PP->new->canonical;
my ($passed, $failed) = (0, 0);
my %noticed = map { $_ => 0 } my @mistakes =
    qw(weights passwords mx-otherwise stranger priorities tls relays);

sub pick { return $_[int rand @_] }

# Drawing a pair.

my @to = qw(a.test b.test *.a.test *.sub.a.test sub.a.test x.sub.a.test bob@a.test * [192.0.2.1]);
my @user = ('', '', '', 'any', 'bob', 'bob@a.test', 'a.test', '*', '"any"');
my @from = ('', '', '', '<>', 'a.test', 'bob@a.test', '<>,a.test');

sub options {
	my @options;
	push @options, 'priority ' . pick(0 .. 2) if rand() < 0.3;
	push @options, 'weight ' . pick(1 .. 4) if rand() < 0.4;
	push @options, 'tls ' . pick(qw(off opportunistic required verified)) if rand() < 0.2;
	push @options, 'helo ' . pick(qw(one.test two.test)) if rand() < 0.1;
	push @options, 'local ' . pick('192.0.2.1', '192.0.2.1|192.0.2.2', '192.0.2.1&192.0.2.2')
	    if rand() < 0.15;
	push @options, 'transport ' . pick(qw(bulk smtp)) if rand() < 0.1;
	return @options;
}

sub action {
	my $draw = rand();
	return pick('reject', 'defer', 'reject "no"', 'discard') if $draw < 0.08;
	return join ' ', 'via mx', grep { /priority|weight/ } options() if $draw < 0.2;
	return join ' ', 'via ' . pick('mx:m.test', 'h1.test', 'h2.test', 'h2.test:26'), options()
	    if $draw < 0.75;
	return join ' ', 'via @' . pick(qw(r limited)), grep { /priority|weight/ } options()
	    if $draw < 0.9;
	return 'via h1.test login me password ' . pick(qw(one two));
}

sub route {
	my ($id) = @_;
	my $to = rand() < 0.15 ? 'a.test,b.test' : pick(@to);
	my ($user, $from) = (pick(@user), pick(@from));
	return {id => $id, to => $to, user => $user, from => $from, action => action(), note => ''};
}

sub text {
	my ($conf) = @_;
	my $text = join '', map {
		"route $_->{id} to $_->{to}" . ($_->{user} ne '' && " user $_->{user}") .
		    ($_->{from} ne '' && " from $_->{from}") . " $_->{action}$_->{note}\n"
	} @{$conf->{routes}};
	my $relays = "relay $conf->{relay} relay.test:587 login me password $conf->{password}\n" .
	    "relay limited relay.test tls required rate 5/s\nsource 192.0.2.2 helo src.test\n";
	$text =~ s/via \@r\b/via \@$conf->{relay}/g;
	return $conf->{last} ? $text . $relays : $relays . $text;
}

sub change {
	my ($conf) = @_;
	my $routes = $conf->{routes};
	my $route = $routes->[int rand @$routes];
	my $draw = int rand 15;
	if ($draw == 0) {
		splice @$routes, int rand @$routes, 1 if @$routes > 1;
	} elsif ($draw <= 2) {
		push @$routes, route(100 + int rand 100);
		@{$routes->[-1]}{qw(user from)} = ('*', '') if $draw == 2;
	} elsif ($draw == 3) {
		$conf->{password} = pick(qw(p1 p2 p3));
	} elsif ($draw == 4) {
		$conf->{relay} = pick(qw(r q));
	} elsif ($draw == 5) {
		$route->{note} = pick(' # one', ' # two', '');
	} elsif ($draw == 6) {
		@$routes = reverse @$routes;
		$conf->{last} = !$conf->{last};
	} elsif ($draw == 7) {
		$route->{id} = 200 + int rand 100;
	} elsif ($draw == 8) {
		for (@$routes) {
			s/weight (\d)/'weight ' . 2 * $1/e or /reject|defer|discard/ or s/$/ weight 2/
			    for $_->{action};
		}
	} elsif ($draw == 9) {
		$route->{action} =~ s/password (\w+)/'password ' . pick(qw(one two))/e;
	} elsif ($draw == 10) {
		$route->{action} = action();
	} elsif ($draw == 13) {
		$route->{action} =~ s/ priority \d|$/' priority ' . pick(0 .. 2)/e
		    if $route->{action} =~ /^via/;
	} elsif ($draw == 11) {
		$route->{user} = pick(@user);
	} elsif ($draw == 12) {
		$route->{user} = $route->{user} eq '' && $route->{from} eq '' ? 'any' : $route->{user};
	} else {
		my $twin = {%$route, id => 300 + int rand 100};
		push @$routes, $twin;
	}
}

sub copy { return $json->decode($json->encode($_[0])) }

sub write_conf {
	my ($name, $conf) = @_;
	open(my $out, '>', "$name.conf") or die;
	print $out text($conf);
	close $out;
	return system("$tmail routes compile -q -c $name.conf >/dev/null 2>&1") == 0;
}

# The oracle.

# The mail of a group: its own patterns, and names that no pattern has.
sub generic {
	my ($to, $user, $from) = @_;
	$to = $to eq '*' ? 'gen@gen.test' : $to =~ /^\*(\..*)/ ? "gen\@gen$1" :
	    $to =~ /@/ ? $to : "gen\@$to";
	$user = !defined $user ? '' : $user eq '*' ? 'gen@gen.test' : $user =~ /@/ ? $user : "gen\@$user";
	$from = !defined $from ? '' : $from eq '<>' || $from =~ /@/ ? $from : "gen\@$from";
	return "$to\t$user\t$from";
}

# Every query: those that generic() makes are among them.
my @queries = do {
	my @all;
	for my $to ('gen@gen.test', 'gen@gen.a.test', 'gen@gen.sub.a.test', 'gen@a.test', 'a.test',
		'gen@b.test', 'gen@sub.a.test', 'gen@x.sub.a.test', 'bob@a.test', 'gen@[192.0.2.1]',
		'bob@b.test') {
		for my $user ('', 'gen@gen.test', 'bob', 'gen@bob', 'bob@a.test', 'gen@a.test', 'a.test',
			'gen@any', 'any') {
			push @all, "$to\t$user\t$_" for '', '<>', 'gen@a.test', 'bob@a.test', 'gen@gen.test';
		}
	}
	@all;
};

sub ask {
	my ($name) = @_;
	my %answers;
	my @lines = `$tmail routes lookup --show-secrets --json -i $name.idx - <queries`;
	die "answers are missing\n" if @lines != @queries;
	$answers{$queries[$_]} = $lines[$_] =~ s/^.*?,("match":)/{$1/r for 0 .. $#lines;
	return \%answers;
}

my %canonical;

# What counts of an answer, with or without a mistake.
sub canonical {
	my ($answer, $mistake) = @_;
	return $canonical{"$mistake $answer"} //= do {
		my $o = $json->decode($answer);
		my (%candidates, %total);
		for my $route (@{$o->{routes}}) {
			delete $route->{id};
			delete $route->{password} unless $mistake eq 'passwords';
			$route->{priority} = 1 if $mistake eq 'priorities' && defined $route->{priority};
			my $weight = delete $route->{weight};
			next unless defined $weight;
			$candidates{$route->{priority}}{$json->encode($route)} += $weight;
			$total{$route->{priority}} += $weight;
		}
		for my $priority (keys %candidates) {
			$_ /= $mistake eq 'weights' ? 1 : $total{$priority} for values %{$candidates{$priority}};
		}
		$json->encode([@$o{qw(match action text)}, \%candidates]);
	};
}


my %decoded;
sub match { return $decoded{$_[0]} //= $json->decode($_[0])->{match} || 'none' }

# Groups of a side by the mail that stands for them.
sub groups {
	my ($answers) = @_;
	my (%groups, %seen);
	for my $answer (grep { !$seen{$_}++ } values %$answers) {
		my $match = match($answer);
		$groups{generic(@$match{qw(to user from)})} = $match if $match ne 'none';
	}
	return \%groups;
}

# Every decision that must be listed, as the text of its object.
sub decisions {
	my ($old, $new, $mistake) = @_;
	my %groups = (%{groups($old)}, %{groups($new)});
	my %decisions;
	for my $mail (keys %groups) {
		my ($was, $is) = ($old->{$mail}, $new->{$mail});
		my $group = $groups{$mail};
		next if canonical($was, $mistake) eq canonical($is, $mistake);
		$is = $json->encode({match => undef, action => 'mx', routes => []})
		    if $mistake eq 'mx-otherwise' && $json->encode([$group]) ne $json->encode([match($is)]);
		$decisions{$json->encode({%$group, old => $json->decode("$was"), new => $json->decode("$is")})} = 1;
	}
	return join "\n", sort keys %decisions;
}

# How many groups of the old side are gone or have mail that gets something else.
sub at_risk {
	my ($old, $new, $mistake) = @_;
	my ($groups, $others) = (groups($old), groups($new));
	my $count = 0;
	for my $mail (keys %$groups) {
		my @mails = ($mail);
		push @mails, $mail =~ s/\t\t/\tgen\@gen.test\t/r
		    if !defined $groups->{$mail}{user} && $mistake ne 'stranger';
		$count++ if !$others->{$mail} || grep {
			outcome($old->{$_}) ne outcome($new->{$_}) } @mails;
	}
	return ($count, scalar keys %$groups);
}

# Without the patterns that matched.
sub outcome { return canonical($_[0], '') =~ s/^\[(null|\{.*?\}),//r }

# Counts of samples, and the first of each.
sub samples {
	my ($old, $new, $mistake) = @_;
	my %samples = (total => scalar @queries, map { $_ => {count => 0, first => []} }
	    qw(relay tls_lost tls_gained login_lost login_gained rejected));
	for my $query (@queries) {
		my ($was, $is) = map { of_sample($_->{$query}, $mistake) } $old, $new;
		my %is = (rejected => $is->{action} eq 'reject' && $was->{action} ne 'reject',
			relay => $is->{action} ne 'reject' && $is->{relays} ne $was->{relays});
		if ($was->{sent} && $is->{sent}) {
			for my $what (qw(tls login)) {
				$is{"${what}_lost"} = $was->{$what} && !$is->{$what};
				$is{"${what}_gained"} = !$was->{$what} && $is->{$what};
			}
		}
		for my $what (grep { $is{$_} } keys %is) {
			my @given = map { $_ eq '' ? undef : $_ } split /\t/, $query, -1;
			push @{$samples{$what}{first}}, {to => $given[0], user => $given[1], from => $given[2]}
			    if $samples{$what}{count}++ < 20;
		}
	}
	return $json->encode(\%samples);
}

my %sample;
sub of_sample {
	my ($answer, $mistake) = @_;
	return $sample{"$mistake $answer"} //= do {
		my $o = $json->decode($answer);
		my @routes = @{$o->{routes}};
		my $sent = $o->{action} eq 'relay' || $o->{action} eq 'mx';
		my $tls = grep { ($_->{tls} // '') =~ /required|verified|implicit/ } @routes;
		my @relays = map { $_->{mx} ? "mx $_->{mx}" : "$_->{host}:$_->{port}" }
		    $o->{action} eq 'relay' ? @routes : ();
		@relays = $mistake eq 'relays' ? ('none') : ('mx 1') if $o->{action} eq 'mx';
		my %relays = map { $_ => 1 } @relays;
		{action => $o->{action}, sent => $sent, relays => join(',', sort keys %relays),
			tls => $mistake eq 'tls' ? $tls > 0 : $tls > 0 && $tls == @routes,
			login => scalar grep { defined $_->{login} } @routes};
	};
}

# What is changed of the routes, by their listings.
sub routes {
	my @sides = map {
		+{map { my $o = $json->decode($_); $o->{id} => $o }
			`$tmail routes list -q --show-secrets --json -c $_.conf`} } qw(old new);
	my ($old, $new) = @sides;
	my %routes = (added => [grep { !$old->{$_} } sort { $a <=> $b } keys %$new],
		removed => [grep { !$new->{$_} } sort { $a <=> $b } keys %$old], changed => []);
	for my $id (sort { $a <=> $b } grep { $new->{$_} } keys %$old) {
		my ($was, $is) = ($old->{$id}, $new->{$id});
		my @keys = qw(to user from action priority);
		push @keys, $was->{action} eq 'relay' ? qw(weight host port mx family local login
			password password_file token_file auth tls tls_name tls_cert tls_ca mail_from
			connections rate helo transport) : 'text' if $was->{action} eq $is->{action};
		my @fields = grep { field($was, $_) ne field($is, $_) } @keys;
		push @{$routes{changed}}, {id => 0 + $id, fields => [sort @fields]} if @fields;
	}
	$_ = [map { 0 + $_ } @$_] for @routes{qw(added removed)};
	return $json->encode(\%routes);
}

sub field {
	my ($route, $key) = @_;
	my $value = $route->{$key};
	$value = [sort grep { $_ ne 'any' } @$value] if $key =~ /^(to|user|from)$/;
	return $json->encode([$value]);
}

# The test.

sub check {
	my ($what, $good) = @_;
	if ($good) {
		$passed++;
	} elsif ($failed++ < 3) {
		print "FAILED: seed $seed: $what\n";
		system('tail -n +1 old.conf new.conf >&2');
	}
	return;
}

sub test_guard {
	my ($old, $new) = @_;
	my ($count, $groups) = at_risk($old, $new, '');
	$noticed{stranger} ||= $count != (at_risk($old, $new, 'stranger'))[0];
	for my $max ($count > 0 ? $count - 1 : 0, $count) {
		system('cp', 'old.idx', 'guarded.idx');
		my $code = system("$tmail routes compile -q -c new.conf -i guarded.idx " .
		    "--max-change $max 2>said >/dev/null") >> 8;
		my $kept = system('cmp', '-s', 'old.idx', 'guarded.idx') == 0;
		check("the guard, $count of $groups groups, at most $max", $max < $count
		    ? $code == 1 && $kept && `head -n 1 said` =~ /: $count of the $groups group/
		    : $code == 0);
	}
	return;
}

sub test_pair {
	my ($n) = @_;
	my $type = $n % 2 ? 'conf' : 'idx';
	my ($old, $new) = (ask('old'), ask('new'));
	my $diff = `$tmail routes diff --json --exit-code --show-secrets --samples queries old.$type new.$type`;
	my $code = $? >> 8;
	my $got = $json->decode($diff);
	my $listed = join "\n", sort map { $json->encode($_) } @{$got->{decisions}};
	my $same = !grep { canonical($old->{$_}, '') ne canonical($new->{$_}, '') } @queries;
	my $changed = routes();

	check('every query gets the same: ' . ($same ? 'yes' : 'no'), $same == ($listed eq ''));
	check("decisions\n$listed", $listed eq decisions($old, $new, ''));
	check('samples', $json->encode($got->{samples}) eq samples($old, $new, ''));
	$_->{fields} = [sort @{$_->{fields}}] for @{$got->{routes}{changed}};
	check("routes $changed", $json->encode($got->{routes}) eq $changed);
	check('the exit code', $code == (!$same || $changed =~ /\d/ ? 1 : 0));
	for my $mistake (grep { !/stranger/ } @mistakes) {
		$noticed{$mistake} ||= $mistake =~ /tls|relays/
		    ? samples($old, $new, $mistake) ne samples($old, $new, '')
		    : $listed ne decisions($old, $new, $mistake);
	}
	test_guard($old, $new) if $n % 4 < 2;
	return;
}

open(my $out, '>', 'queries') or die;
print $out "$_\n" for @queries;
close $out;
for (my $n = 0; $n < $pairs;) {
	my $old = {relay => 'r', password => 'p1', last => int(rand 2),
		routes => [map { route($_) } 1 .. 2 + int rand 9]};
	next if !write_conf('old', $old);
	my $new = copy($old);
	change($new) for 1 .. int rand 4;
	next if !write_conf('new', $new);
	test_pair($n++);
	%canonical = %decoded = %sample = () if $n % 50 == 0;
}
for my $mistake (@mistakes) {
	check("not noticed: $mistake", $noticed{$mistake});
}
print "$passed passed, $failed failed\n";
exit($failed == 0 && $passed > 0 ? 0 : 1);
