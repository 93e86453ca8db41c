# A server with a fixed dialogue for script_server in helpers.bash: one connection on standard
# input and output.  Every line received goes to the log, and so do the bytes that BDAT announces,
# unless the reply begins with "DEAF ": then they are lines like others.  After one that begins with
# "STILL " nothing more is read.
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

# "WAIT 0.5 220 x": after so many seconds.
sub wait_for {
	select undef, undef, undef, $1 if $_[0] =~ s/^WAIT ([\d.]+) //;
}

my $banner = (shift @steps)->[1];
wait_for($banner);
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
	wait_for($step->[1]);
	my ($deaf, $reply) = $step->[1] =~ /^(DEAF )?(.*)/;
	if (!$deaf && $line =~ /^BDAT (\d+)/) {
		read STDIN, my $chunk, $1;
		print $out $chunk;
	}
	exit if $reply eq 'GONE';
	$data = $line =~ /^DATA/;
	my $still = $reply =~ s/^STILL //;
	reply($reply);
	sleep 60 if $still;
	# A handshake will not come about.
	if ($line =~ /^STARTTLS/) {
		sysread STDIN, my $hello, 1;
		print "no TLS here\r\n";
		exit;
	}
}
