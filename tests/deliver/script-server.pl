# A server with a fixed dialogue for script_server in helpers.bash: one connection on standard
# input and output.  Every line received goes to the log, and so do the bytes that BDAT announces,
# unless the reply begins with "DEAF ": then they are lines like others.
use strict;
use warnings;

my ($script, $log) = @ARGV;
open my $in, '<', $script or die;
open my $out, '>>', $log or die;
$out->autoflush(1);
STDOUT->autoflush(1);
my @steps = map { chomp; [split /\|/, $_, 2] } <$in>;

sub reply {
	my ($text) = @_;
	$text =~ s/\\n/\r\n/g;
	print "$text\r\n";
}

my $banner = (shift @steps)->[1];
sleep $1 if $banner =~ s/^WAIT (\d+) //;
reply($banner) if $banner ne 'SILENCE';
my $data = 0;
while (my $line = <STDIN>) {
	print $out $line;
	next if $data && $line ne ".\r\n";
	my ($step) = grep { index($line, $_->[0]) == 0 } @steps;
	exit if !$step;
	exit if $step->[1] eq 'HANGUP';
	if ($step->[1] eq 'SILENCE') {
		sleep 60;
		exit;
	}
	# From here on somebody else speaks, who takes the connection up to TLS.
	if ($step->[1] =~ /^TLS (\d+)$/) {
		reply('220 go');
		exec 'socat', 'STDIO', "TCP:127.0.0.1:$1";
	}
	# "WAIT 35 220 x": after so many seconds.
	sleep $1 if $step->[1] =~ s/^WAIT (\d+) //;
	my ($deaf, $reply) = $step->[1] =~ /^(DEAF )?(.*)/;
	if (!$deaf && $line =~ /^BDAT (\d+)/) {
		read STDIN, my $chunk, $1;
		print $out $chunk;
	}
	exit if $reply eq 'GONE';
	$data = $line =~ /^DATA/;
	reply($reply);
	# A handshake will not come about.
	if ($line =~ /^STARTTLS/) {
		sysread STDIN, my $hello, 1;
		print "no TLS here\r\n";
		exit;
	}
}
