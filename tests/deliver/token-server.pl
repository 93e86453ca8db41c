# A token server on the loopback, over HTTP: PORT, the file that its answers come from, and the log
# of what it was sent.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $answer, $log) = @ARGV;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 5,
	ReuseAddr => 1) or die;
while (my $client = $listen->accept) {
	my $length = 0;
	while (my $line = <$client>) {
		last if $line =~ /^\r?\n$/;
		$length = $1 if $line =~ /^content-length: (\d+)/i;
	}
	read $client, my $body, $length if $length;
	open my $out, '>>', $log or die;
	print $out "$body\n" if $length;
	close $out;
	open my $in, '<', $answer or die;
	print $client (do { local $/; <$in> });
	close $client;
}
