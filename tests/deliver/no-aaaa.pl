# A name server that passes questions on and never answers those for AAAA: PORT, and the port of the
# one that knows.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $other) = @ARGV;
my $in = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => $port) or die;
my $out = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $other) or die;
while (my $from = $in->recv(my $question, 4096)) {
	# The type stands behind the name and its final zero.
	my ($type) = $question =~ /^.{12}(?:[^\0].*?)?\0(..)/s;
	next if unpack('n', $type) == 28;
	$out->send($question);
	$out->recv(my $answer, 4096);
	$in->send($answer, 0, $from);
}
