# conf.awk - a random configuration: routes.conf and inc.conf, which it includes.
#
#   awk -v seed=N -v numbered=1 -f conf.awk
#   awk -v seed=N -v count=N -f conf.awk
#
# With a count it writes so many to standard output instead, without an include, a NUL
# behind each, and with more of the language: lists, relays and defaults that are long.
# numbered: each route has its ID.  The groups are few, so that routes meet in
# them; line ends, blanks, comments, continued lines and the last line's end
# are as people and their editors leave them.

function pick(n) { return int(rand() * n) }
function one(list,  n, part) { n = split(list, part, "~"); return part[1 + pick(n)] }
function blank() { return pick(9) ? one(" ~ ~ ~  ~\t") : " \\" eol() one("\t~ ~") }
function eol() { return ends == 2 ? one("\n~\r\n") : ends ? "\r\n" : "\n" }
function put(s) { printf "%s", s > file }

function id(  n) {
	if (!numbered && pick(3))
		return ""
	do {
		n = 1 + pick(200)
	} while (n in used)
	used[n] = 1
	return blank() n
}

function selectors(  to, user, from) {
	to = one("~~a.example~b.example~A.Example.~*.a.example~bob@a.example~*~a.example,b.example~$l~\"a.example\",c.example~bücher.example~[192.0.2.1]")
	user = one("~~~bob~tmail.io~*~any~\"any\"~bob,\"a b\"~$l")
	from = one("~~~x.example~bob@x.example~<>~<>,x.example")
	# In any order.
	if (pick(2))
		return word("to", to) word("user", user) word("from", from)
	return word("from", from) word("to", to) word("user", user)
}

function word(key, value) { return value == "" ? "" : blank() key blank() value }

function options(  s) {
	s = pick(3) ? "" : word("priority", pick(3))
	s = s (pick(4) ? "" : word("weight", 1 + pick(3)))
	s = s (pick(4) ? "" : word("local", one("192.0.2.1~192.0.2.1|192.0.2.2~192.0.2.1&2001:db8::1")))
	s = s (pick(6) ? "" : word("family", one("ipv4~prefer-ipv6~\"prefer-ipv4\"")))
	s = s (pick(6) ? "" : word("mail-from", one("bounce@x.example~\"\\\"a b\\\"@x.example\"")))
	s = s (pick(6) ? "" : word("tls-ca", "/etc/passwd"))
	s = s (pick(6) ? "" : word("login", "me") word("token-file", "/etc/passwd") (pick(2) ? "" : word("auth", "xoauth2")))
	s = s (s ~ /login/ || pick(5) ? "" : word("login", "me") word("password", one("s3cret~\"a \\\"#\\\" b\\\\\"~\"\\x41\"")))
	return s (pick(5) ? "" : word("helo", one("me.example~\"me.example\"")))
}

function action(  host) {
	if (!pick(8))
		return word("via", one("mx~mx:m.example~@m")) (pick(3) ? "" : word("port", 27)) (pick(3) ? "" : word("priority", pick(3)))
	host = one("h1.example~h2.example:26~[2001:db8::1]~[2001:db8::1]:26~@r~\"h3.example\"~\"h4.example:26\"")
	return word("via", host) (host ~ /2001/ ? "" : options()) (host ~ /26/ || pick(5) ? "" : word("port", 26 + pick(3)))
}

function comment() {
	return pick(3) ? one("~~~  ~\t") : blank_only() "#" one("~ ~  ") one("mine~route 5 via h \\~\"quoted~é ünï~a # b~password x")
}

function blank_only() { return one(" ~\t~   ") }

function line() {
	if (!pick(6))
		return blank_only() comment()
	if (!pick(8))
		return one("# a comment~#route 1 via h~# with \\~#\t\"~\\" eol() "# continued~   \\" eol() " ")
	if (!pick(12)) {
		n++
		return "route" id() word("to", "r" n ".example") blank() one("reject~defer~discard~reject \"no\"") comment()
	}
	return one("~~~  ~\t~ \\" eol() " ~\\" eol()) "route" id() selectors() action() comment()
}

function write(name, last,  i, count) {
	file = name
	ends = pick(4) < 2 ? 0 : pick(2) + 1
	printf "%s", pick(5) ? "" : "\357\273\277" > file
	count = 1 + pick(7)
	for (i = 0; i < count; i++)
		put(line() eol())
	if (last != "")
		put(last eol())
	for (i = 0; i < 3; i++)
		put(pick(3) ? line() (i < 2 || pick(2) ? eol() : "") : "")
	close(file)
}

function long(  s, i) {
	for (i = pick(12); i >= 0; i--)
		s = s one("x~yy~long-label~\303\251") "."
	return s "example"
}

# quote VALUE - perhaps as a string, perhaps with an escape.
function quote(s,  n) {
	if (pick(3))
		return s
	n = index("abcdefghijklmnopqrstuvwxyz", substr(s, 1, 1))
	return n == 0 || pick(3) ? "\"" s "\"" : sprintf("\"\\x%x%s\"", 96 + n, substr(s, 2))
}

function values(  s, i) {
	for (i = pick(40); i >= 0; i--)
		s = s one("v" i ".example~\"v" i ".example\"~\"any\"~*.v" i ".example~bob@v" i ".example~\"a,b@x.example\"~\"*\"") \
		    (i ? one(",~ ~ ~  ~\t~, ~ \\" eol() "~ \\" eol() "  ~, \\" eol()) : "")
	return s
}

function further(  s) {
	s = pick(3) ? "" : word("tls-name", quote("tls.example"))
	s = s (pick(3) ? "" : word("helo", quote(long())))
	s = s (pick(3) ? "" : word("login", quote("someone")) word(one("password~password-file"), one("\"/a b/c\"~/etc/tmail/p~\"/etc/tmail/p\"~\"/@/$x\"~\"/#\"~\"/\303\251\"")))
	s = s (pick(3) ? "" : word("local", quote("192.0.2.1|192.0.2.2|192.0.2.3|192.0.2.4")))
	return s (pick(3) ? "" : word("transport", quote("a-transport.with-a.long_name")))
}

# statements - some that no file of the other kind has; they are named by a number.
function statements(  s, i) {
	for (i = pick(4); i > 0; i--)
		s = s one("~ ~\t") "relay" blank() quote("r" i) blank() quote("h" i ".example") further() comment() eol()
	for (i = pick(4); i > 0; i--)
		s = s "list" blank() "l" i blank() (pick(8) ? values() : "\"file\",file" blank() "x") comment() eol()
	s = s (pick(2) ? "" : "default" word("helo", quote("d.example")) word("port", quote(25)) comment() eol())
	s = s (pick(2) ? "" : "source" blank() quote("192.0.2.9") word("helo", quote("s.example")) eol())
	for (i = pick(6); i > 0; i--)
		s = s "route" word("to", quote("x" i ".example") one("~~,\"p,q@x.example\"~,\"y" i ".example\"")) \
		    word("via", quote("long" i ".example")) further() comment() eol() one("~~~" eol() "~" eol() " " eol())
	return s
}

function expectation(  s) {
	s = word("to", one("a@a.example~b.example~\"a b@a.example\"~\"a.example\"~[192.0.2.1]"))
	s = s word("user", one("~~bob~\"any\"~\"a b\"~\"x@tmail.io\"")) word("from", one("~~<>~\"<>\"~x@x.example"))
	if (!pick(3))
		return s blank() one("mx~mx:m.example~reject~defer")
	s = s word(one("via~first"), one("h1.example~h2.example:26,\"h1.example\"~\"h3.example\",mx,\"mx\"~[2001:db8::1]:26"))
	return s (pick(2) ? "" : word("login", one("\"\"~me~\"me\"")) word("helo", quote(long())) word("transport", quote("smtp")))
}

# another - one more, to standard output.
function another(  n) {
	delete used
	file = "/dev/stdout"
	ends = pick(4) < 2 ? 0 : pick(2) + 1
	printf "%s", pick(5) ? "" : "\357\273\277"
	put("relay r r.example:587" eol() "relay m mx" eol() "list l a.example l.example" eol())
	put(pick(2) ? statements() : "")
	for (n = pick(9); n > 0; n--)
		put((pick(4) ? line() : "expect" expectation() comment()) eol())
	put("route" id() " to $l via @r" (pick(2) ? eol() : ""))
	printf "%c", 0
}

BEGIN {
	srand(seed)
	for (i = 0; i < count; i++)
		another()
	if (count)
		exit
	write("inc.conf", "")
	write("routes.conf", "relay r r.example:587 connections 5 rate 10/m" eol() \
	    "relay m mx local 192.0.2.1" eol() "source 192.0.2.1 helo out.example" eol() "list l a.example l.example" eol() \
	    "route" id() " to $l via @r" eol() "include \"inc.conf\"")
}
