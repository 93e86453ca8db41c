# tmail routes import: a corpus for each format (tests/import), with what comes out of it.

load helper.bash
CORPORA="$BATS_TEST_DIRNAME/../import"
POSTMAP="$BATS_TEST_DIRNAME/../../build/servers/bin/postmap"
# Under sanitizers a walk takes five times as long, and finds no other decisions.
SLOWER=${DEV:+4}
SLOWER=${SLOWER:-1}

# corpus NAME - copies that corpus here; the words of its import in IMPORT.
corpus() {
	cp "$CORPORA/$1"/* .
	case $1 in
	postfix) IMPORT='postfix transport sender_relay sasl_passwd tls_policy' ;;
	postfix-main) IMPORT='postfix main.cf master.cf transport sender-relay sender-transport sasl_passwd' ;;
	qmail) IMPORT='qmail smtproutes authsenders' ;;
	sendmail) IMPORT='sendmail mailertable access' ;;
	exim) IMPORT='exim route_list hubbed_hosts passwd.client' ;;
	exim-config) IMPORT='exim --map route_list=exim.conf' ;;
	tmail)
		IMPORT='tmail routes.db'
		sqlite3 routes.db <routes.sql
		;;
	esac
}
NAMES='postfix postfix-main qmail sendmail exim exim-config tmail'

# counted FILE KIND OUTPUT - each line of the file that is not blank, no comment and no
# continuation is named in the output, and none that is not there: by a statement, a remark, as
# not imported, or among those that are counted.
counted() {
	awk -v joined="$(case $1 in smtproutes | authsenders | mailertable | access) ;; *) echo 1 ;; esac)" '
		/^[[:blank:]]*(#|$)/ { next }
		before ~ /\\$/ { before = $0; next }
		joined && /^[[:blank:]]/ && before != "" && FILENAME !~ /exim.conf/ { next }
		{ before = $0; print FNR }' "$1" >lines
	{
		sed -nE 's/^route .* # (([a-z_.-]+:[0-9]+ ?)+)$/\1/p' "$3"
		sed -nE "s/^# (not imported: )?($2:[0-9]+): .*/\2/p" "$3"
	} | tr ' ' '\n' | sed -n "s/^$2://p" | sort -nu >named
	comm -13 <(sort lines) <(sort named) | if grep .; then return 1; fi
	[ "$(wc -l <lines)" = $(($(wc -l <named) + $(sed -nE "s/^# ([0-9]+) lines? of $2 (is|are) not.*/\1/p" "$3" | grep . || echo 0))) ] || {
		echo "$1: $(wc -l <lines) lines, named are $(paste -sd ' ' named)"
		return 1
	}
}

@test "each corpus, line by line, and what comes out compiles" {
	local name file kind

	for name in $NAMES; do
		mkdir "$name"
		cd "$name"
		corpus "$name"
		exits "$(cat code)" import $IMPORT
		diff expected out || { echo "$name"; false; }
		cp out routes.conf
		cp err said
		exits 0 compile -q
		# On standard error each of the reports, with its place.
		[ "$(grep -cE '^# (not imported|clash): ' out)" = 0 ] # of compile
		[ "$(grep -cE '^# (not imported|clash): ' routes.conf)" = "$(wc -l <said)" ]
		[ -z "$(grep -vE '^tmail: [a-z_.-]+:[0-9]+: (not imported|clash): ' said)" ]
		cd ..
	done
}

@test "lines in are lines imported, reported, and comments and blanks" {
	local name word

	for name in $NAMES; do
		mkdir "$name"
		cd "$name"
		corpus "$name"
		exits "$(cat code)" import $IMPORT
		for word in $IMPORT; do
			case $word in
			postfix | qmail | sendmail | exim | tmail | --map) ;;
			route_list=exim.conf) counted exim.conf route_list out ;;
			sender_relay | tls_policy) counted "$word" "${word/_/-}" out ;;
			sasl_passwd) counted sasl_passwd sasl out ;;
			*.cf) counted "$word" "${word%.cf}" out ;;
			routes.db) # as the rows are lines of its SQL
				sed -nE 's/^  \(([0-9]+),.*/\1/p' routes.sql | sort >rows
				{
					sed -n 's/^route .* # routes:\([0-9]*\)$/\1/p' out
					sed -n 's/^# not imported: routes:\([0-9]*\):.*/\1/p' out
				} | sort | diff rows -
				;;
			*) counted "$word" "$word" out ;;
			esac
		done
		cd ..
	done
	# A line less is found.
	cd postfix
	grep -v transport:4 out >less
	! counted transport transport less
}

@test "no password is told, and with --secrets none is printed" {
	local name word

	for name in $NAMES; do
		mkdir "$name" "$name/keys"
		cd "$name"
		corpus "$name"
		exits "$(cat code)" import --secrets keys $IMPORT
		cp out routes.conf
		for word in $(cat passwords 2>/dev/null) no-such-word; do
			! grep -qF -- "$word" out || false
			! grep -qF -- "$word" err || false
		done
		# All of those that stood in the configuration stand in files now.
		exits 0 compile -q
		[ "$(grep -c password-file routes.conf)" = "$(grep -cE '^route .* password ' expected)" ]
		for word in $(grep -oE 'password-file [^ ]+' routes.conf | cut -d ' ' -f 2 | sort -u); do
			[ "$(stat -c %a "$word")" = 600 ]
			[ "$(wc -l <"$word")" = 1 ]
			[ "$(dirname "$word")" = "$(realpath keys)" ]
		done
		cd ..
	done
	[ "$(cat postfix/keys/mail.isp.example-587)" = 'pa:ss wo#rd' ]
}

@test "a secret's file is written once, and no other is overwritten" {
	mkdir keys
	umask 022
	echo 'a.example smtp:[r.example]' >transport
	echo '[r.example] user:word' >sasl
	exits 0 import postfix transport sasl --secrets keys
	[ "$(stat -c %a keys/r.example)" = 600 ]
	cp out first
	chmod 644 keys/r.example
	exits 0 import postfix transport sasl --secrets keys
	diff first out
	[ "$(stat -c %a keys/r.example)" = 600 ]
	echo '[r.example] user:other' >sasl
	exits 73 import postfix transport sasl --secrets keys
	[ ! -s out ]
	[ "$(cat keys/r.example)" = word ]
	[ "$(cat err)" = "tmail: cannot create '$PWD/keys/r.example': a file with another content is there" ]
	# Of one that may not be read nobody knows what is in it.
	if [ "$(id -u)" -ne 0 ]; then
		chmod 0 keys/r.example
		exits 73 import postfix transport sasl --secrets keys
		[ "$(cat err)" = "tmail: cannot read '$PWD/keys/r.example', which is there: Permission denied" ]
	fi
	rm -f keys/r.example
	ln -s elsewhere keys/r.example
	exits 73 import postfix transport sasl --secrets keys
	[ ! -e keys/elsewhere ]
	exits 73 import postfix transport sasl --secrets nowhere
	exits 73 import postfix transport sasl --secrets transport
	# No configuration can name a file in it.
	mkdir $'a\nb'
	exits 73 import postfix transport sasl --secrets $'a\nb'
	[ -z "$(ls $'a\nb')" ]
	# Two passwords for one name.
	printf 'a.example smtp:[r.example]\nb.example smtp:[r.example]:587\n' >transport
	printf '[r.example] user:word\n[r.example]:587 user:other\n[r.example-587] x:y\n' >sasl
	rm keys/r.example
	exits 1 import postfix transport sasl --secrets keys
	[ "$(cat keys/r.example keys/r.example-587 | paste -sd ' ')" = 'word other' ]
}

@test "maps as postmap -s prints them, through a pipe" {
	[ -x "$POSTMAP" ] || skip 'no postmap'
	corpus postfix
	touch main.cf
	grep -vE '^(/|"unb|nokey|alias|[[:blank:]]|f.example)' transport >plain
	for map in plain sasl_passwd; do "$POSTMAP" -c . hash:$map 2>/dev/null; done
	exits 1 import postfix --map transport=plain sasl_passwd
	sed -n 's/ #.*//p' out | grep '^route' | sort >by-text
	"$TMAIL" routes import postfix -q --map transport=<("$POSTMAP" -c . -s hash:plain) \
	    --map sasl=<("$POSTMAP" -c . -s hash:sasl_passwd) >out || [ $? = 1 ]
	[ "$(wc -l <by-text)" -gt 15 ]
	sed -n 's/ #.*//p' out | grep '^route' | sort | diff by-text -
	"$POSTMAP" -c . -s hash:plain | "$TMAIL" routes import postfix --map transport=- >out 2>err || [ $? = 1 ]
	[ "$(grep -c '^route' out)" -gt 15 ]
}

@test "postfix: thousands of mails get what Postfix gives them" {
	[ -x "$POSTMAP" ] || skip 'no postmap'
	touch -d '1 minute ago' main.cf
	run perl "$CORPORA/postfix-walk.pl" "$TMAIL" "$POSTMAP" 1 "$((20 / SLOWER))"
	echo "$output"
	[ "$status" = 0 ]
}

@test "qmail, sendmail, exim: mails get what these give them" {
	run perl "$CORPORA/walk.pl" "$TMAIL" 1 "$((40 / SLOWER))"
	echo "$output"
	[ "$status" = 0 ]
}

@test "whatever stands in the files, what comes out compiles and counts" {
	run perl "$CORPORA/garbage.pl" "$TMAIL" 1 150
	echo "$output"
	[ "$status" = 0 ]
}

@test "exit codes" {
	echo 'a.example smtp:[r.example]' >transport
	exits 0 import postfix transport
	holds out '# main is not given: no relayhost, default_transport smtp, no recipient_delimiter, subdomains by .DOMAIN alone, logins by next hop alone' \
		'route to a.example via r.example # transport:1'
	echo 'b.example local:' >>transport
	exits 1 import postfix transport
	exits 1 import postfix transport -q
	[ ! -s err ]
	for wrong in '' frobnicate postfix 'postfix --map transport' 'postfix --map frob=transport' \
	    'postfix --map =transport' 'postfix --map transport=' 'postfix frob' \
	    'postfix transport --map transport=transport' 'postfix -c x transport' 'tmail a b' \
	    'postfix --secrets' 'postfix --frob' 'qmail transport' 'postfix --map transport=- --map sasl=-'; do
		exits 64 import $wrong
		[ ! -s out ]
	done
	for format in 'postfix transport' 'qmail --map smtproutes=transport' 'exim --map hubbed_hosts=transport' \
	    'sendmail --map mailertable=transport' 'tmail transport'; do
		echo nothing >transport
		exits 65 import $format
		printf 'a b\0c\n' >transport
		exits 65 import $format
		[ ! -s out ]
	done
	for format in 'postfix none/transport' 'tmail none' 'postfix --map transport=none' 'postfix --map transport=.'; do
		exits 66 import $format
		[ ! -s out ]
	done
	# What is of the format, but says nothing that could be imported, is of the format.
	echo '*: h.example' >hubbed
	exits 1 import exim --map hubbed_hosts=hubbed
	[ "$(cat out)" = "# not imported: hubbed_hosts:1: partial-lsearch asks for no '*'" ]
	sqlite3 other.db 'create table other (id integer)'
	exits 65 import tmail other.db
	: >transport
	exits 0 import postfix transport
	cp out routes.conf
	exits 0 compile -q
	code=0
	"$TMAIL" routes import postfix transport >/dev/full 2>err || code=$?
	[ $code = 74 ]
}

@test "libsqlite3 is wanted by import from tmail alone" {
	readelf -d "$TMAIL" >dynamic
	! grep -q sqlite dynamic || false
	corpus tmail
	exits 1 import $IMPORT
}

@test "postfix: tables that draw lots, in main.cf" {
	echo 'transport_maps = randmap:{smtp:[a.example],smtp:[b.example],smtp:[a.example]}' >main.cf
	exits 0 import postfix main.cf
	holds out 'route via a.example weight 2 # main:1' 'route via b.example # main:1'
	printf '%s\n' 'sender_dependent_default_transport_maps = randmap:{smtp:[a.example] slow:}' >main.cf
	printf 'a.example :\n' >transport
	exits 0 import postfix main.cf transport
	holds out 'route to a.example via a.example # transport:1 main:1' \
		'route to a.example via mx transport slow # transport:1 main:1' \
		'route via a.example # main:1' 'route via mx transport slow # main:1'
	echo 'a.example randmap:{error:,smtp:}' >transport
	exits 1 import postfix transport
	grep -q '^# not imported: transport:1: a mail is relayed or refused by chance' out
	echo 'a.example randmap:123' >transport
	exits 1 import postfix transport
	grep -q '^# not imported: transport:1: ' out
}

@test "postfix: a pattern is written once, whatever tables say something of it" {
	echo 'parent_domain_matches_subdomains = transport_maps' >main.cf
	echo 'a.example retry:' >transport
	printf '%s encrypt\n' .a.example a.example b.a.example bücher.example xn--bcher-kva.example >tls-policy
	exits 1 import postfix main.cf transport tls-policy
	grep '^route' out | sed 's/ #.*//' >routes.conf
	holds routes.conf 'route to a.example defer' 'route to *.a.example defer' \
	    'route to b.a.example defer' 'route to xn--bcher-kva.example via mx tls required'
	exits 0 check
}

@test "postfix: what leaves mail to its MX is no loss" {
	printf '%s\n' 'myhostname = mx.example' 'relayhost =' 'default_transport = smtp' \
	    'smtp_tls_security_level=may' >main.cf
	exits 0 import postfix main.cf
	holds out '# 1 line of main is not about routing' '# main:2: no relayhost' \
	    '# main:3: mail goes to its MX, as it does without a route' \
	    '# main:4: mail goes to its MX, as it does without a route'
	printf '%s\n' '* :' 'a.example smtp:[h.example]' >transport
	sed -i 3d main.cf
	exits 0 import postfix main.cf transport
	holds out '# transport:1: mail goes to its MX, as it does without a route' \
	    'route to a.example via h.example # transport:2 main:3' \
	    '# 1 line of main is not about routing' '# main:2: no relayhost'
	# Where TLS is asked for, there has to be a route.
	sed -i s/may/encrypt/ main.cf
	exits 0 import postfix main.cf transport
	grep -qx 'route via mx tls required # transport:1 main:3' out
}

@test "a key that ends in a dot is asked for by nobody" {
	local format file line

	while read -r format file line; do
		echo "$line" >"$file"
		exits 1 import "$format" "$file"
		grep -q "^# not imported: $file:1: " out
		! grep '^route' out || false
	done <<-'END'
		postfix transport a.example. smtp:[h]
		postfix sender-relay @a.example. [h]
		qmail smtproutes a.example.:h
		qmail smtproutes .a.example.:h
		qmail authsenders @a.example.:h
		sendmail mailertable .a.example. esmtp:[h]
		exim route_list a.example. h
		exim hubbed_hosts *.a.example.: h
	END
}

@test "postfix: a parameter in a value of main.cf, and what is said twice or badly in master.cf" {
	printf '%s\n' 'recipient_delimiter = $x' 'smtp_helo_name = mail.$mydomain' 'mynetworks = $y' >main.cf
	printf '%s\n' 'smtp-a unix - - n - - smtp' '  -osmtp_bind_address=192.0.2.1' \
	    'smtp-b unix - - n - - smtp -o smtp_bind_address=192.0.2.2' \
	    'smtp-b unix - - n - - smtp -o smtp_bind_address=192.0.2.3' \
	    'smtp-c unix - - n - - smtp -o smtp_helo_name' >master.cf
	printf '%s\n' 'a.example smtp-a:[a]' 'b.example smtp-b:[b]' 'c.example smtp-c:[c]' >transport
	exits 1 import postfix main.cf master.cf transport
	holds out 'route to a.example via a local 192.0.2.1 transport smtp-a # transport:1 master:1' \
	    'route to b.example via b local 192.0.2.3 transport smtp-b # transport:2 master:4' \
	    'route to c.example via c transport smtp-c # transport:3 master:5' \
	    "# not imported: master:3: line 4 says 'smtp-b' again" \
	    "# clash: master:5: no NAME=VALUE behind '-o smtp_helo_name'" \
	    "# not imported: main:1: a parameter stands in the value of 'recipient_delimiter'" \
	    "# not imported: main:2: a parameter stands in the value of 'smtp_helo_name'" \
	    '# 1 line of main is not about routing'
}

@test "postfix: what is lost of one line is told once each" {
	printf '%s\n' 'a.example smtp:[h]' 'b.example smtp:[h]' 'c.example smtp:[h]' >transport
	echo '[h] fingerprint match=ab:cd' >tls-policy
	exits 1 import postfix transport tls-policy
	[ "$(wc -l <err)" = 2 ]
}

@test "qmail: s/qmail's login behind the relay" {
	printf '%s\n' 'a.example:x;587|us er|hush h' 'b.example:x:587 u p|q' 'c.example:x;587|u' >smtproutes
	exits 1 import qmail smtproutes
	holds out 'route to a.example via x:587 login "us er" password "hush h" # smtproutes:1' \
	    'route to b.example via x:587 login u password p|q # smtproutes:2' \
	    '# not imported: smtproutes:3: the password is empty'
}

@test "a login for all hosts: those found by MX get none, and that is said" {
	printf '%s\n' 'a.example esmtp:a' 'b.example esmtp:[b]' >mailertable
	echo 'AuthInfo: "U:u" "P:p"' >access
	exits 1 import sendmail mailertable access
	grep -qx '# clash: access:1: hosts that are found by MX get no login' out
	printf '%s\n' 'a.example a/mx' 'b.example b' >route_list
	echo '*:u:p' >passwd.client
	exits 1 import exim route_list passwd.client
	grep -qx '# clash: passwd.client:1: hosts that are found by MX get no login' out
}

@test "exim: families, two transports, an option that is hidden" {
	printf '%s\n' 'hide route_list = a.example h ipv4_only; b.example h:192.0.2.1 ipv4_prefer \' \
	    '; c.example h t1 t2 ; d.example h : h2' 'hide data = x' >route_list
	exits 1 import exim route_list
	holds out 'route to a.example via h family ipv4 # route_list:1' \
	    'route to b.example via h priority 1 family prefer-ipv4 # route_list:1' \
	    'route to b.example via 192.0.2.1 priority 2 # route_list:1' \
	    '# clash: route_list:1: two transports stand behind the hosts' \
	    '# clash: route_list:1: an option is no word' '# 1 line of route_list is not about routing'
}

@test "tmail: a user is a login, whatever it looks like; a file that cannot be one is not opened" {
	sqlite3 routes.db <<-'END'
		CREATE TABLE routes (id, host, remote_host, user);
		INSERT INTO routes VALUES (1, 'a.example', 'h', '*'), (2, 'a.example', 'h', '*.x'),
		    (3, 'a.example', 'h', '<>'), (4, 'a.example', 'h', 'x');
	END
	exits 0 import tmail routes.db
	holds out 'route to a.example user "*" via h # routes:1' 'route to a.example user "*.x" via h # routes:2' \
	    'route to a.example user "<>" via h # routes:3' 'route to a.example user x via h # routes:4'
	cp out routes.conf
	exits 0 check
	mkfifo pipe
	exits 66 import tmail pipe
	exits 66 import tmail .
	holds err "tmail: cannot read '.': not a regular file"
}

@test "postfix: a randmap that cannot be read is said where it stands" {
	printf '%s\n' 'a.example randmap:123' 'b.example randmap:{}' 'c.example :' >transport
	echo '@x.example randmap:{' >sender-transport
	exits 1 import postfix transport sender-transport
	for line in transport:1 transport:2 sender-transport:1; do
		grep -qx "# not imported: $line: randmap wants '{transport:nexthop,...}' behind it" out
	done
	[ "$(wc -l <err)" = 3 ]
	echo 'default_transport = randmap:y' >main.cf
	exits 1 import postfix main.cf
	holds err "tmail: main.cf:1: not imported: randmap wants '{transport:nexthop,...}' behind it"
}

@test "postfix: levels of TLS and attributes are words in whatever case" {
	printf '%s\n' 'smtp_tls_security_level = Encrypt' 'relayhost = [r]' >main.cf
	echo 'a.example smtp:[h]' >transport
	echo '[h] Verify MATCH=x.example' >tls-policy
	exits 0 import postfix main.cf transport tls-policy
	holds out 'route to a.example via h tls verified tls-name x.example # transport:1 main:1 tls-policy:1' \
	    'route via r tls required # main:2 main:1'
}

@test "postfix: tables and relays in main.cf that nothing says are no loss in silence" {
	cat >main.cf <<-'EOF'
		transport_maps = hash:/etc/postfix/transport
		smtp_sasl_password_maps = static:user:hush
		sender_dependent_relayhost_maps = proxy:hash:$config_directory/relays, pcre:/etc/postfix/relays
		smtp_tls_policy_maps =
		relay_transport = relay:[inner.example]
		smtp_fallback_relay = [fall.example]
		fallback_relay =
		virtual_transport = lmtp:unix:x
	EOF
	exits 1 import postfix main.cf
	holds out "# main:1: no file of kind 'transport' is given" \
	    "# not imported: main:2: no file of kind 'sasl' is given" \
	    "# not imported: main:3: no file of kind 'sender-relay' is given" \
	    '# 3 lines of main are not about routing' \
	    "# not imported: main:5: no route says 'relay_transport'" \
	    "# not imported: main:6: no route says 'smtp_fallback_relay'"
	! grep -q hush out err || false
	# A file that is given stands for one table.
	echo 'a.example smtp:[h]' >transport
	echo '@a.example [h]' >sender-relay
	exits 1 import postfix main.cf transport sender-relay
	grep -qx "# not imported: main:3: several tables, of which kind 'sender-relay' is one" out
	grep -qx '# 4 lines of main are not about routing' out
	echo 'transport_maps = inline:{ {a.example = smtp:[x], [y]}, b = : }' >main.cf
	exits 0 import postfix main.cf transport
}

@test "postfix: a local part is asked for with the quotes that it needs" {
	printf '%s smtp:[h]\n' '"a\"b"@a.example' '"a\\b"@a.example' '"a..b"@a.example' '"a\ b"@a.example' \
	    '"a\b"@a.example' '"ab"@a.example' >transport
	exits 1 import postfix transport
	cp out routes.conf
	[ "$(grep -c '^route' out)" = 3 ]
	grep '^# not' out >told
	holds told '# not imported: transport:4: '\''"a\ b"@a.example'\'': Postfix asks for that address without that backslash' \
	    '# not imported: transport:5: '\''"a\b"@a.example'\'': Postfix asks for that address without that backslash' \
	    '# not imported: transport:6: '\''"ab"@a.example'\'': Postfix asks for that address without quotes'
	exits 0 compile -q
	exits 0 lookup -d '"a\"b"@a.example'
	grep -q h:25 out
}

@test "sendmail: makemap leaves a line out that begins with a blank" {
	printf '%s\n' 'a.example esmtp:[a]' ' b.example esmtp:[b]' >mailertable
	printf '%s\n' '	AuthInfo:a "U:u" "P:p"' >access
	exits 1 import sendmail mailertable access
	holds out 'route to a.example via a # mailertable:1' \
	    '# not imported: mailertable:2: a blank stands in front: makemap leaves the line out' \
	    '# not imported: access:1: a blank stands in front: makemap leaves the line out'
}

@test "tmail: what comes out compiles: a login Any, local IPs of the other family" {
	sqlite3 routes.db <<-'EOF'
		CREATE TABLE routes (id, host, local_ip, remote_host, user);
		INSERT INTO routes VALUES (1, 'a.example', '', 'h', 'Any'), (2, 'a.example', '::1|::2', '192.0.2.1', ''),
		    (3, 'a.example', '192.0.2.9', '2001:db8::1', 'x'), (4, 'b.example', '::1|192.0.2.9', '192.0.2.1', '');
	EOF
	exits 1 import tmail routes.db
	holds out 'route to a.example user "Any" via h # routes:1' \
	    '# not imported: routes:2: no local IP can reach the remote host' \
	    '# not imported: routes:3: no local IP can reach the remote host' \
	    'route to b.example via 192.0.2.1 local ::1|192.0.2.9 # routes:4'
	cp out routes.conf
	exits 0 check -q
}

@test "exim: macros in rules, routers that take some mails alone, hosts_randomize = yes" {
	cat >route_list <<-'EOF'
		ISP = isp.example
		DCsmarthost = smart.ISP::587
		DCsmarthost = other
		begin routers
		inner:
		  driver = manualroute
		  domains = +relay_to_domains
		  route_list = a.example h1 ; * h2
		smarthost:
		  driver = manualroute
		  domains = ! +local_domains
		  route_list = * DCsmarthost:h3 byname
		  hosts_randomize = Yes
	EOF
	exits 1 import exim route_list
	holds out '# 9 lines of route_list are not about routing' \
	    "# clash: route_list:8: no route says the router's 'domains'" \
	    'route to a.example via h1 # route_list:8' \
	    'route via smart.isp.example:587 # route_list:12 route_list:2 route_list:1' \
	    'route via h3 # route_list:12 route_list:2 route_list:1'
	[ "$(grep -c ^route out)" = 3 ]
	# What would grow without end stays as it is.
	{
		echo 'Mb = x'
		for c in c d e f g h i j k l m n o p q r s t u v w x y z; do
			echo "M$c = M${b:-b}M${b:-b}M${b:-b}"
			b=$c
		done
		echo 'route_list = a.example Mz'
	} >route_list
	exits 1 import exim route_list
}

@test "exim: an IPv6 address without brackets, and a colon behind blanks" {
	printf '%s\n' 'a.example "</ 2001:db8::1 / [::1]:26"' 'b.example 2001::db8::::2' >route_list
	printf '%s\n' 'c.example  : h1:h2' '"d.example"	:h3' >hubbed_hosts
	exits 0 import exim route_list hubbed_hosts
	sed -n 's/ #.*//p' out | diff - <(printf '%s\n' 'route to a.example via [2001:db8::1] priority 1' \
	    'route to a.example via [::1]:26 priority 2' 'route to b.example via [2001:db8::2]' \
	    'route to c.example via h1 priority 1' 'route to c.example via h2 priority 2' 'route to d.example via h3')
}

@test "postfix: a level of TLS is told at its own line" {
	printf '%s\n' 'smtp_tls_security_level = dane' 'relayhost = [h]' 'smtp_helo_name = x.example' >main.cf
	exits 1 import postfix main.cf
	holds err 'tmail: main.cf:1: clash: nothing says DANE: TLS is opportunistic'
}

@test "postfix: transports that are drawn by lot take relayhost, and the next hop of a line" {
	printf '%s\n' 'relayhost = [h]' 'sender_dependent_default_transport_maps = randmap:{smtp-a:,smtp-b:[x]}' >main.cf
	printf '%s\n' 'a.example :' 'b.example :[gw]' >transport
	exits 0 import postfix main.cf transport
	holds out 'route to a.example via h transport smtp-a # transport:1 main:1 main:2' \
	    'route to a.example via x transport smtp-b # transport:1 main:1 main:2' \
	    'route to b.example via gw transport smtp-a # transport:2 main:2' \
	    'route to b.example via gw transport smtp-b # transport:2 main:2' \
	    'route via h transport smtp-a # main:1 main:2' 'route via x transport smtp-b # main:1 main:2'
}

@test "postfix: a sender with an extension has the login of the address without it" {
	printf '%s\n' 'recipient_delimiter = +' 'smtp_sender_dependent_authentication = yes' >main.cf
	echo 'ann+x@a.example [g]' >sender-relay
	echo 'ann@a.example u:p' >sasl
	exits 1 import postfix main.cf sender-relay sasl
	grep -qx 'route user any from ann+x@a.example via g login u password p # sender-relay:1 sasl:1' out
	holds err 'tmail: sasl:1: clash: with recipient_delimiter, addresses with an extension get this, too'
}

@test "postfix: all lines that a route is made of are named" {
	printf '%s\n' 'smtp_bind_address = 192.0.2.1' 'smtp_bind_address6 = 2001:db8::1' 'smtp_helo_name = a.example' \
	    'smtp_tls_wrappermode = no' 'smtp_tls_security_level = may' 'default_transport = smtp-a:' 'relayhost = [h]' >main.cf
	echo 'smtp-a unix - - n - - smtp -o smtp_helo_name=b.example' >master.cf
	echo 'a.example :' >transport
	echo '<> DUNNO' | tee sender-relay >sender-transport
	echo '[h] u:p' >sasl
	echo '[h] encrypt' >tls-policy
	exits 0 import postfix main.cf master.cf transport sender-relay sender-transport sasl tls-policy
	sed -n 's/^route to a.example from <>.* # //p' out | tr ' ' '\n' | sort | paste -sd ' ' >refs
	holds refs 'main:1 main:2 main:3 main:4 main:5 main:6 main:7 master:1 sasl:1 sender-relay:1 sender-transport:1 tls-policy:1 transport:1'
}

@test "exim: a line that ends in a colon is no router's name" {
	printf '%s\n' 'r:' 'route_list = * h:h2:' 'hosts_randomize' 'q:' 'route_list = a h' >route_list
	exits 1 import exim route_list
	holds out '# 3 lines of route_list are not about routing' 'route via h # route_list:2' 'route via h2 # route_list:2' \
	    "# not imported: route_list:5: a rule before takes the mail for 'a'"
}

@test "exim: a configuration without route_list holds no rules" {
	printf '%s\n' 'begin  routers' 'all:' 'driver = manualroute' 'route_data = h' >route_list
	exits 65 import exim route_list
	holds err 'tmail: route_list: no rule of Exim stands there'
	[ "$(grep -c '^route' out)" = 0 ]
	echo 'a.example: h' >hubbed_hosts
	exits 0 import exim route_list hubbed_hosts
	holds out '# 4 lines of route_list are not about routing' 'route to a.example via h # hubbed_hosts:1'
}

@test "exim: twenty thousand routers take no time" {
	seq 20000 | sed 's/.*/r&:\n  driver = manualroute\n  route_list = d&.example h&.example/' >route_list
	ulimit -t 6
	exits 0 import exim route_list
	[ "$(grep -c '^route' out)" = 20000 ]
}
