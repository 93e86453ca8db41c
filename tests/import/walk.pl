#!/usr/bin/perl
# walk.pl TMAIL SEED COUNT - COUNT random files of qmail, sendmail and Exim, each imported, compiled
# and asked for random mails; the answers are compared with each program's own way to look up.
use strict;
use warnings;
use JSON::PP;

my ($tmail, $seed, $count) = @ARGV;
srand $seed;

my @domains = qw(example a.example b.a.example c.b.a.example test b.test x.b.test);
my @senders = qw(ann@a.example bob@a.example ann@test cid@b.test);

sub pick { return $_[rand @_] }
sub relay { return 'r' . int(rand 1000) . '.example' }

sub suffixes {
	my ($domain) = @_;
	my @list;

	while ($domain =~ s/^[^.]*\.//) { push @list, ".$domain" }
	return @list;
}

# Each: what makes its files, and what they say of a mail; undef: the MX.

# The last of two lines with one key; authsenders before smtproutes, bounces before both.
sub qmail {
	my (%route, %sender, @routes, @senders_);

	for (1 .. rand 10) {
		my $key = pick(@domains, map({ ".$_" } @domains), '', '!@');
		push @routes, "$key:" . ($route{$key} = pick(relay(), relay(), ''));
	}
	for (1 .. rand 4) {
		my $key = pick(@senders, '@a.example', '@b.test', rand() < 0.2 ? '' : '@test');
		push @senders_, "$key:" . ($sender{$key} = relay()) . '|u|p';
	}
	return ({smtproutes => \@routes, authsenders => \@senders_}, sub {
		my ($to, $from) = @_;
		my ($domain) = $from =~ /(@.*)/;
		my @asked = $from eq '<>' ? () : ($from, $domain);

		for (@asked, '') { return $sender{$_} if exists $sender{$_} }
		my @keys = ($from eq '<>' ? '!@' : (), $to, suffixes($to), '');
		for (@keys) { return $route{$_} || undef if exists $route{$_} }
		return undef;
	});
}

# The first of two lines with one key; a name, then its parents with a dot, then ".".
sub sendmail {
	my (%table, @lines);

	for (1 .. rand 12) {
		my $key = pick(@domains, map({ ".$_" } @domains), '.');
		my $relay = relay();
		push @lines, "$key\tesmtp:[$relay]";
		$table{$key} = $relay if !exists $table{$key};
	}
	return ({mailertable => \@lines, access => []}, sub {
		for ($_[0], suffixes($_[0]), '.') { return $table{$_} if exists $table{$_} }
		return undef;
	});
}

# hubbed_hosts by partial-lsearch, which takes the first of two lines; then the first rule.
sub exim {
	my (%hubbed, @hubbed, @rules, @lines);

	for (1 .. rand 5) {
		my $key = pick(@domains, map { "*.$_" } @domains);
		my $relay = relay();
		push @hubbed, "$key: $relay";
		$hubbed{$key} = $relay if !exists $hubbed{$key};
	}
	for (1 .. rand 10) {
		my ($key, $relay) = (pick(@domains, map({ "*.$_" } @domains), rand() < 0.2 ? '*' : 'test'), relay());
		push @rules, [$key, $relay];
		push @lines, "$key $relay";
	}
	return ({hubbed_hosts => \@hubbed, route_list => \@lines}, sub {
		my ($to) = @_;

		for ($to, grep { tr/.// > 1 } map { "*$_" } ".$to", suffixes($to)) {
			return $hubbed{$_} if exists $hubbed{$_};
		}
		for my $rule (@rules) {
			my ($key, $relay) = @$rule;
			return $relay if $key eq '*' || $key eq $to;
			return $relay if $key =~ s/^\*// && substr($to, -length $key) eq $key;
		}
		return undef;
	});
}

my $compared = 0;
for my $set (1 .. $count) {
	for my $format (['qmail', \&qmail], ['sendmail', \&sendmail], ['exim', \&exim]) {
		my ($name, $make) = @$format;
		my ($files, $wanted) = $make->();
		my (@mails, $maps);

		for my $kind (sort keys %$files) {
			open my $out, '>', $kind or die;
			print $out map { "$_\n" } @{$files->{$kind}};
			close $out;
			$maps .= " --map $kind=$kind";
		}
		system("$tmail routes import $name -q$maps >routes.conf");
		die "$name, set $set: $?" if $? != 0 && $? != 256;
		chmod 0600, 'routes.conf';
		system("$tmail routes compile -q -c routes.conf") == 0 or die "$name, set $set does not compile";
		for my $to (@domains, 'other.example', 'other') {
			push @mails, map { [$to, $_] } @senders, '<>', 'new@b.test';
		}
		open my $out, '>', 'mails' or die;
		print $out map { "ann\@$_->[0]\t\t$_->[1]\n" } @mails;
		close $out;
		my @answers = `$tmail routes lookup --json -c routes.conf - <mails`;
		for my $i (0 .. $#mails) {
			my $answer = decode_json($answers[$i]);
			my $got = $answer->{match} ? $answer->{routes}[0]{host} : undef;
			my $right = $wanted->(@{$mails[$i]});
			$compared++;
			next if ($got || 'MX') eq ($right || 'MX');
			print "$name, set $set of seed $seed: to $mails[$i][0] from $mails[$i][1]: ",
			    $right || 'MX', ' there, ', $got || 'MX', " here\n";
			exit 1;
		}
	}
}
print "$compared mails agree\n";
exit($compared < $count * 150);
