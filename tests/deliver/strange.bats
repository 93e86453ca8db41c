# Servers stranger than those of odd.bats: they vanish, swallow STARTTLS, or have something against
# our name.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

# vanishing - a server that takes connections and is gone, as after a power cut; its port is in $PORT.
vanishing() {
	PORT=$(free_port)
	in_background perl -MSocket -e '
	    socket(S, PF_INET, SOCK_STREAM, 0) or die;
	    setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
	    bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) && listen(S, 100) or die;
	    while (accept(C, S)) {
		# In TCP_REPAIR (of IPPROTO_TCP) to close says nothing to the other side.
		setsockopt(C, 6, 19, 1) or die;
		close(C);
	    }' "$PORT"
	wait_port "$PORT"
}

@test "a server that has vanished is not waited for as long as one that is slow" {
	sink second
	local second=$PORT
	vanishing
	routes <<-END
		route 1 via 127.0.0.1:$PORT priority 1
		route 2 via 127.0.0.1:$second priority 2
	END
	deliver --timeout 300 a@x.example <<<hello
	is 0
	got second
	logged 'route=1 .*result=failed stage=banner code=- text="connection lost" ms=1[0-9]{4}$'
}
