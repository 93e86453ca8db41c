# routing.awk - random configurations and queries, and the routes that each
# query must get, found by looking at every route in turn.
#
#   awk -v first=1 -v last=250 -v queries=40 -f routing.awk
#
# For each number N: N.conf (and N.inc), N.queries, and a line for each query in
# `expected`: the patterns of the group and the IDs by priority.  `where` names
# number and query for each of these lines.
#
# A name is kept as it is when folded; how it is spelt in a file or in a query
# is another matter: see spelling.

function pick(n) { return int(rand() * n) }
function one(list,  n, part) { n = split(list, part, " "); return part[1 + pick(n)] }

# The name in one of the ways that mean the same; in a login, quotes count.
function spelling(name, login,  at, local, domain) {
	if (name == "xn--bcher-kva.example")
		return one("bücher.example xn--bcher-kva.example BÜCHER.example Xn--Bcher-KVA.Example bücher.example.")
	if (name == "[IPv6:2001:db8::1]")
		return one("[IPv6:2001:db8::1] [IPv6:2001:DB8:0::0:1] [ipv6:2001:db8:0:0:0:0:0:1]")
	at = match(name, /@[^@]*$/)
	if (at) {
		local = substr(name, 1, at - 1)
		domain = substr(name, at + 1)
		if (domain == "")
			return name
		if (!login && local !~ /"/ && !pick(8))
			local = "\"" local "\""
		return (pick(4) ? local : toupper(local)) "@" spelling(domain)
	}
	if (name ~ /^[[<*]/ || pick(3))
		return name
	return pick(2) ? toupper(name) : name (name in bare ? "" : ".")
}

function quoted(word) {
	gsub(/["\\]/, "\\\\&", word)
	return "\"" word "\""
}

# The pattern as it stands in a file; some words are names only in quotes.
function written(pattern, login) {
	if (pattern == "any")
		return quoted(pattern)
	pattern = pattern ~ /^\*\./ ? "*." spelling(substr(pattern, 3)) : spelling(pattern, login)
	return pattern !~ /"/ && (pattern ~ /[*<]/ || pick(6)) ? pattern : quoted(pattern)
}

function domain() { return one("a.example b.example s.a.example t.s.a.example example via to from.example xn--bcher-kva.example [192.0.2.1] [IPv6:2001:db8::1] any.example") }
function address() { return one("bob ann bob+tag \"a(b\" to") "@" domain() }

function login() {
	return pick(3) ? one("bob ann x@bob") "@" one("a.example b.example xn--bcher-kva.example s.a.example") : \
	    one("toorop a.example any via bob xn--bcher-kva.example")
}

function to_pattern(  name) {
	if (!pick(5))
		return "*"
	if (!pick(4)) {
		do {
			name = domain()
		} while (name ~ /\[/)
		return "*." name
	}
	return pick(3) ? domain() : address()
}

function user_pattern() {
	if (!pick(6))
		return "*"
	return login()
}

function from_pattern() {
	if (!pick(4))
		return "<>"
	return pick(2) ? domain() : address()
}

function any_pattern(selector) {
	return selector == "to" ? to_pattern() : selector == "user" ? user_pattern() : from_pattern()
}

# Some patterns, in patterns[1..]; returns the selector as it is written.
function some(selector, patterns,  count, i, j, text, list, p) {
	count = pick(3) ? 1 : 1 + pick(4)
	for (i = 1; i <= count; i++) {
		p = any_pattern(selector)
		# A list takes a name, and what is in it counts.
		if (!pick(6)) {
			list = selector 1 + pick(2)
			text = text (i > 1 ? "," : "") "$" list
			used[list] = 1
			for (j = 1; j <= lists[list]; j++)
				patterns[++patterns[0]] = listed[list, j]
		} else {
			text = text (i > 1 ? "," : "") written(p, selector == "user")
			patterns[++patterns[0]] = p
		}
	}
	return selector " " text
}

function make_lists(  selector, i, j, n, name, text) {
	listing = ""
	split("to user from", selector, " ")
	for (i = 1; i <= 3; i++)
		for (n = 1; n <= 2; n++) {
			name = selector[i] n
			lists[name] = 1 + pick(4)
			text = "list " name
			for (j = 1; j <= lists[name]; j++) {
				listed[name, j] = any_pattern(selector[i])
				text = text (pick(2) ? " " : j > 1 ? "," : " ") written(listed[name, j], selector[i] == "user")
			}
			listing = listing text "\n"
		}
}

# One more combination of a route; a repeated one counts once.
function combine(n, user, to, from) {
	if ((n, user, to, from) in seen)
		return
	seen[n, user, to, from] = 1
	combinations++
	route_of[combinations] = n
	user_of[combinations] = user
	to_of[combinations] = to
	from_of[combinations] = from
}

function make_route(n,  t, u, f, to, user, from, any, id, line, i, j, k) {
	split("", t); split("", u); split("", f)
	t[0] = u[0] = f[0] = 0
	if (pick(4))
		to = some("to", t)
	if (!pick(5)) {
		user = "user any"
		any = 1
	} else if (pick(2))
		user = some("user", u)
	if (!pick(3))
		from = some("from", f)
	if (!t[0])
		t[++t[0]] = "*"
	if (!u[0])
		u[++u[0]] = any ? "-" : "implied"
	if (!f[0])
		f[++f[0]] = "-"
	for (i = 1; i <= t[0]; i++)
		for (j = 1; j <= u[0]; j++)
			for (k = 1; k <= f[0]; k++) {
				line = u[j]
				# A sender can be forged, but a bounce has nobody to log in.
				if (line == "implied")
					line = f[k] == "-" || f[k] == "<>" ? "-" : "*"
				combine(n, line, t[i], f[k])
			}
	priority[n] = pick(3)
	ids[n] = 0
	id = ""
	if (pick(2)) {
		do {
			id = 1 + pick(300)
		} while (id in taken)
		taken[id] = 1
		ids[n] = id
		if (id > highest)
			highest = id
		id = " " id
	}
	line = pick(2) ? to " " user " " from : from " " to " " user
	# Other relays, or the weight would decide nothing and be warned of.
	return "route" id " " line " via h" n ".example priority " priority[n]
}

function make(number,  n, i, count, line, text, cut, end) {
	split("", seen); split("", taken); split("", used)
	combinations = highest = 0
	make_lists()
	count = 1 + pick(25)
	cut = 1 + pick(count)
	end = cut + pick(6)
	printf "%s", "" > (number ".inc")
	printf "%s", pick(2) ? listing : "" > (number ".conf")
	text = pick(2)
	for (n = 1; n <= count; n++) {
		if (n == cut)
			print "include \"" number ".inc\"" > (number ".conf")
		line = make_route(n)
		print line > (number (n >= cut && n < end ? ".inc" : ".conf"))
	}
	close(number ".conf")
	close(number ".inc")
	# Routes without an ID follow the highest one written, in file order.
	for (n = 1; n <= count; n++)
		if (!ids[n])
			ids[n] = ++highest
}

function put_lists(number,  line, have) {
	while ((getline line < (number ".conf")) > 0)
		have = have || line ~ /^list /
	close(number ".conf")
	if (!have)
		printf "%s", listing >> (number ".conf")
	close(number ".conf")
}

function last_part(name,  at) { at = match(name, /@[^@]*$/); return at ? substr(name, at + 1) : "" }

# How well a pattern fits: 0 best, -1 not at all.
function to_rank(pattern, recipient,  d, rank) {
	if (pattern == "*")
		return 99
	if (recipient == "-")
		return -1
	if (pattern == recipient && recipient ~ /@/)
		return 0
	d = recipient ~ /@/ ? last_part(recipient) : recipient
	if (pattern == d)
		return 1
	for (rank = 2; sub(/^[^.]*\./, "", d); rank++)
		if (recipient !~ /\[/ && pattern == "*." d)
			return rank
	return -1
}

function from_rank(pattern, sender) {
	if (pattern == "-")
		return 9
	if (pattern == sender)
		return sender == "" ? -1 : 0
	return sender ~ /@/ && pattern == last_part(sender) ? 1 : -1
}

function user_rank(pattern, user) {
	if (pattern == "*")
		return 9
	if (pattern == user)
		return 0
	return user ~ /@/ && pattern == last_part(user) ? 1 : -1
}

# Every route in turn: the best rank wins, with all that share it.
function answer(recipient, user, sender,  i, t, f, u, rank, best, group, list, n, j, text) {
	best = 1e9
	for (i = 1; i <= combinations; i++) {
		if (user_of[i] != "-" && user == "")
			continue
		t = to_rank(to_of[i], recipient)
		f = from_rank(from_of[i], sender)
		u = user_of[i] == "-" ? 0 : user_rank(user_of[i], user)
		if (t < 0 || f < 0 || u < 0)
			continue
		rank = (user_of[i] == "-") * 1e6 + t * 1e4 + f * 100 + u
		if (rank < best) {
			best = rank
			group = user_of[i] " " to_of[i] " " from_of[i]
			n = 0
		}
		if (rank == best) {
			for (j = n++; j > 0 && after(list[j - 1], route_of[i]); j--)
				list[j] = list[j - 1]
			list[j] = route_of[i]
		}
	}
	if (best == 1e9)
		return "none"
	text = group
	for (j = 0; j < n; j++)
		text = text " " ids[list[j]]
	return text
}

function after(x, y) {
	return priority[x] > priority[y] || (priority[x] == priority[y] && ids[x] > ids[y])
}

function ask(number, q,  recipient, user, sender, spelt) {
	recipient = pick(2) ? address() : one("zoe x") "@" one("u.") domain()
	sub(/@u\.\[/, "@[", recipient)
	if (!pick(4))
		recipient = domain()
	user = pick(3) ? login() : ""
	sender = pick(4) ? (pick(4) ? address() : "<>") : ""
	spelt = spelling(recipient)
	if (!pick(20)) {
		# No domain can be made of it: only `*` is left.
		recipient = "-"
		spelt = one("bob@a..example bob@ a_b!.example x@[192.0.2.999] bob@-.example..")
	}
	print spelt "\t" (user == "" ? "" : spelling(user, 1)) "\t" (sender == "" ? "" : spelling(sender)) > (number ".queries")
	print answer(recipient, user, sender) > "expected"
	print number ": to " recipient ", user " user ", from " sender > "where"
}

BEGIN {
	# Words that are no domains lose their meaning with a dot behind them.
	split("toorop any bob via to", words, " ")
	for (i in words)
		bare[words[i]] = 1
	for (number = first; number <= last; number++) {
		srand(number)
		make(number)
		put_lists(number)
		for (q = 0; q < queries; q++)
			ask(number, q)
		close(number ".queries")
	}
}
