#!/usr/bin/perl
# garbage.pl TMAIL SEED COUNT - COUNT random files for each format; what is imported must compile,
# and each line be named in a comment.
use strict;
use warnings;

my ($tmail, $seed, $count) = @ARGV;
srand $seed;

my %files = (
	postfix => [qw(transport sender-relay sender-transport sasl tls-policy main master)],
	qmail => [qw(smtproutes authsenders)],
	sendmail => [qw(mailertable access)],
	exim => [qw(route_list hubbed_hosts passwd.client)],
);
my @parts = ('a.example', 'b.a.example', '.a.example', '*', '*.a.example', 'ann@a.example', '@a.example',
	'"x y"@a.example', '"a"@b', '<>', 'smtp', 'smtp:', 'relay:', 'error:', 'retry:', 'discard:', ':', '::',
	'[a.example]', '[192.0.2.1]', '[IPv6:2001:db8::1]', '2001:db8::1', '192.0.2.1', '1.2.3', '[', ']', '[]',
	':25', ':587', ':99999', ':smtp', ',', ';', '|', '/', '/mx', '+', '<+', '"', '\\', '#', '$x', 'any', 'mx',
	'%1', 'user:pass', 'b' x 300, 'l' x 64 . '.example', "\xc3\xbc.example", "\xff", "\t", "\x01", '-', '_x',
	'randmap:{', '}', 'AuthInfo:', '"U:u"', '"P:p"', '"P=cA=="', 'esmtp:', 'unix - - n - - smtp', '-o',
	'smtp_bind_address=', 'smtp_helo_name=', 'relayhost = ', 'default_transport =', '=', 'yes', 'none', 'may',
	'encrypt', 'secure', 'match=', 'dunno', 'randomize', 'route_list =', 'recipient_delimiter = +',
	'smtp_sender_dependent_authentication = yes', '5.1.2 ', '4.', 'a..b', 'a.example.', '..', '@', '!@', '&');

# Well formed lines, in which K stands for a key, H for a host; now and then for anything.
my %forms = (
	transport => ['K smtp:H', 'K relay:H, H', 'K :', 'K :H', 'K error:H', 'K randmap:{smtp:H,smtp:H}'],
	'sender-relay' => ['K H', '@K H', '<> H', 'K dunno'],
	'sender-transport' => ['K smtp:H', '@K slow:', 'K DUNNO'],
	sasl => ['H u:K', 'K u:p', '@K u:p w'],
	'tls-policy' => ['H may', 'K verify match=K', 'H encrypt'],
	main => ['relayhost = H', 'default_transport = smtp:H', 'smtp_bind_address = H', 'x = K',
		'recipient_delimiter = +', 'smtp_sender_dependent_authentication = yes', 'smtp_helo_name = K'],
	master => ['smtp unix - - n - - smtp', 'relay unix - - n - - smtp -o smtp_helo_name=K', 'slow unix - - - - - pipe',
		'smtp unix - - n - - smtp -o smtp_bind_address=H', 'error unix - - n - - error'],
	smtproutes => ['K:H', 'K:H:25', ':H', 'K:H:587 u p', '!@:H', 'K:'],
	authsenders => ['@K:H;587|u|p', 'K:H|u|p', ':H'],
	mailertable => ['K esmtp:H', 'K smtp:H,H:H', '. smtp:H', 'K error:5.1.2:550 K', 'K error:K K'],
	access => ['AuthInfo:H "U:u" "P:p"', 'AuthInfo: "I:K" "P=cA=="', 'K REJECT'],
	route_list => ['K H', 'K H:H randomize', '* H:H:+:H randomize', 'K "<; H ; H"; K H', 'K H/mx::25 K'],
	hubbed_hosts => ['K: H', '*.K: H:H', 'K: "H : H" byname'],
	'passwd.client' => ['K:u:p', '*:u:p', 'H:u:K'],
);
my @keys = ('a.example', 'b.a.example', '*.b.example', '.c.example', 'ann@a.example', '"x y"@a.example', 'mx', 'any',
	"\xc3\xbc.example", '[192.0.2.1]');
my @hosts = ('[r.example]', 'r.example', '[192.0.2.1]', '[r.example]:587', 'r.example:465', '192.0.2.2', 'mx', '[IPv6:2001:db8::1]');

sub fill {
	return rand() < 0.1 ? $parts[rand @parts] : $_[rand @_];
}

sub line {
	my ($kind) = @_;
	my $line = '';

	if (rand() < 0.7) {
		$line = $forms{$kind}[rand @{$forms{$kind}}];
		$line =~ s/(?<![A-Za-z])K(?![A-Za-z])/fill(@keys)/ge;
		$line =~ s/(?<![A-Za-z])H(?![A-Za-z])/fill(@hosts)/ge;
		return $line;
	}
	for (1 .. 1 + rand 5) {
		$line .= $parts[rand @parts];
		$line .= ' ' if rand() < 0.3;
	}
	return $line;
}

# What is neither blank nor a comment nor goes on a line before.
sub count_lines {
	my ($kind, @lines) = @_;
	my ($n, $before) = (0, '');

	for (@lines) {
		next if /^\s*(#|$)/;
		my $joined = $kind eq 'route_list' ? $before =~ /\\\s*$/
		    : $kind !~ /smtproutes|authsenders|mailertable|access|passwd/ && /^\s/ && $before ne '';
		$before = $_;
		$n++ if !$joined;
	}
	return $n;
}

my $imported = 0;
for my $set (1 .. $count) {
	for my $format (sort keys %files) {
		my %lines;

		for my $kind (@{$files{$format}}) {
			$lines{$kind} = [map { line($kind) } 1 .. rand 10];
			open my $out, '>', $kind or die;
			print $out map { "$_\n" } @{$lines{$kind}};
			close $out;
		}
		my $maps = join ' ', map { "--map $_=$_" } @{$files{$format}};
		system("$tmail routes import $format -q $maps >routes.conf 2>err");
		my $code = $? >> 8;
		if ($? & 127 || ($code != 0 && $code != 1 && $code != 65)) { print "$format, set $set: $?\n"; exit 1 }
		next if $code == 65;
		if (system("$tmail routes check -q -c routes.conf 2>err") != 0) {
			print "$format, set $set\n", `cat err routes.conf`;
			exit 1;
		}
		open my $in, '<', 'routes.conf' or die;
		my (%named, %aside);
		while (<$in>) {
			$imported += /^route /;
			if (/^# (?:not imported: )?([a-z_.-]+):(\d+): /) { $named{$1}{$2} = 1 }
			if (/^# (\d+) lines? of ([a-z_.-]+) (is|are) not/) { $aside{$2} = $1 }
			if (/^route .* # ((?:[a-z_.-]+:\d+ ?)+)$/) {
				for (split / /, $1) { /(.*):(\d+)/ and $named{$1}{$2} = 1 }
			}
		}
		for my $kind (@{$files{$format}}) {
			my $wanted = count_lines($kind, @{$lines{$kind}});
			my $got = keys(%{$named{$kind} || {}}) + ($aside{$kind} || 0);
			next if $wanted == $got;
			print "$format, set $set: $kind has $wanted lines, $got are accounted for\n", `cat -A $kind routes.conf`;
			exit 1;
		}
	}
}
print "$imported routes\n";
exit($imported < 10 * $count);
