# Completion of tmail for fish.

function __tmail_is --description 'the command behind tmail routes is one of these'
	set -l words (commandline -opc)
	test (count $words) -ge 3; and string match -qr '^routes?$' -- $words[2]
	and contains -- $words[3] $argv
end

function __tmail_wants_command
	set -l words (commandline -opc)
	test (count $words) -eq 2; and string match -qr '^routes?$' -- $words[2]
end

function __tmail_conf
	set -l words (commandline -opc)
	for i in (seq (count $words))
		if contains -- $words[$i] -c -conf --conf; and test $i -lt (count $words)
			echo $words[(math $i + 1)]
			return
		end
	end
	test -n "$TMAIL_ROUTES_CONF"; and echo $TMAIL_ROUTES_CONF; or echo /etc/tmail/routes.conf
end

# list refuses a configuration with errors: then what its own lines say, and the last index.
function __tmail_list
	set -l conf (__tmail_conf)
	tmail routes list -q -c $conf $argv 2>/dev/null; and return
	test -r $conf; or return
	if contains -- --relays $argv
		string replace -rf '^\s*relay\s+(\S+)\s.*' '$1 - ' <$conf
	else
		string replace -rf '^\s*route\s+([0-9]+)\s.*' '$1 - ' <$conf
		tmail routes list -q -i (string replace -r '\.conf$' '' $conf).idx 2>/dev/null
	end
end

function __tmail_ids
	__tmail_list | string match -r '^[0-9]+ - .*' | string replace ' - ' \t
end

function __tmail_relays
	__tmail_list --relays | string replace -rf '^(\S+) - ' '@$1\t'
end

function __tmail_hosts
	echo mx
	__tmail_relays
end

function __tmail_transports
	echo smtp
	tmail routes list -q --json -c (__tmail_conf) 2>/dev/null |
		string replace -rf '.*"transport":"([^"]*)".*' '$1'
end

set -l all list show add set del number compile check fmt test lookup diff import verify stats serve export doctor
set -l asking list show add set del number compile check fmt test lookup verify stats serve export doctor
set -l edits add set del number
set -l fields add set

complete -c tmail -f
complete -c tmail -n __fish_use_subcommand -a routes -d 'edit and ask the routes'
complete -c tmail -n __fish_use_subcommand -a route -d 'the same'
complete -c tmail -n __fish_use_subcommand -a deliver -d 'deliver one message'

complete -c tmail -n __tmail_wants_command -a list -d 'print the routes'
complete -c tmail -n __tmail_wants_command -a show -d 'print all about a route'
complete -c tmail -n __tmail_wants_command -a add -d 'add a route'
complete -c tmail -n __tmail_wants_command -a set -d 'change a route in place'
complete -c tmail -n __tmail_wants_command -a del -d 'take routes out'
complete -c tmail -n __tmail_wants_command -a number -d 'write the IDs that are not written yet'
complete -c tmail -n __tmail_wants_command -a compile -d 'check the configuration and write the index'
complete -c tmail -n __tmail_wants_command -a check -d 'check the configuration'
complete -c tmail -n __tmail_wants_command -a fmt -d 'write the configuration canonically'
complete -c tmail -n __tmail_wants_command -a test -d 'prove what mails are expected to get'
complete -c tmail -n __tmail_wants_command -a lookup -d 'say where a mail would go'
complete -c tmail -n __tmail_wants_command -a diff -d 'compare two configurations or indexes'
complete -c tmail -n __tmail_wants_command -a import -d 'print what other programs say as routes'
complete -c tmail -n __tmail_wants_command -a verify -d 'check every byte of the index'
complete -c tmail -n __tmail_wants_command -a serve -d 'answer Postfix and Exim'
complete -c tmail -n __tmail_wants_command -a export -d 'print what Postfix needs for it'
complete -c tmail -n __tmail_wants_command -a doctor -d 'try whether Postfix is wired'
complete -c tmail -n __tmail_wants_command -a stats -d 'count what is in the index'

complete -c tmail -n "__tmail_is $asking" -s c -l conf -rF -d 'the configuration'
complete -c tmail -n "__tmail_is $asking" -s i -l index -rF -d 'the index'
complete -c tmail -n "__tmail_is $all" -l color -xa 'auto always never' -d 'when to use colours'
complete -c tmail -n "__tmail_is $all" -s q -l quiet -d 'print no warnings'
complete -c tmail -n "__tmail_is $all" -s h -l help -d 'print help'
complete -c tmail -n "__tmail_is $all" -s V -l version -d 'print the version'
complete -c tmail -n "__tmail_is list show compile check test lookup diff stats export doctor" -l json -d 'output for programs'
complete -c tmail -n "__tmail_is check" -F
complete -c tmail -n "__tmail_is check" -l strict -d 'warn of more'
complete -c tmail -n "__tmail_is check" -l format -xa 'human json github sarif' -d 'of the diagnostics'
complete -c tmail -n "__tmail_is check" -l fail-level -xa 'error warning' -d 'what the code is 65 for'
complete -c tmail -n "__tmail_is check" -l stdin-name -rF -d 'what standard input is called'
complete -c tmail -n "__tmail_is verify" -l source -d 'compare with the configuration'
complete -c tmail -n "__tmail_is list lookup" -l wide -d 'cut nothing on a terminal'
complete -c tmail -n "__tmail_is $edits fmt list show lookup diff" -l show-secrets -d 'do not mask passwords'

complete -c tmail -n "__tmail_is $edits" -l no-compile -d 'change the configuration only'
complete -c tmail -n "__tmail_is $edits compile check" -l no-expect -d 'prove no expectation'
complete -c tmail -n "__tmail_is $edits" -l dry-run -d 'print the change as a diff'
complete -c tmail -n "__tmail_is $edits compile" -l max-change -xa any -d 'groups that may decide otherwise: N, N% or any'
complete -c tmail -n "__tmail_is set del" -a '(__tmail_ids; __tmail_relays)'
complete -c tmail -n "__tmail_is show" -a '(__tmail_ids)'

complete -c tmail -n "__tmail_is $fields list lookup" -s d -l destination -x -d recipients
complete -c tmail -n "__tmail_is $fields list lookup" -s u -l smtp-user -x -d 'SMTP AUTH login'
complete -c tmail -n "__tmail_is $fields list lookup" -s f -l mail-from -x -d 'envelope sender'
complete -c tmail -n "__tmail_is $fields list" -o rh -l remote-host -xa '(__tmail_hosts)' -d 'the relay'
complete -c tmail -n "__tmail_is $fields" -o rp -l remote-port -x -d 'port of the relay'
complete -c tmail -n "__tmail_is $fields" -s p -l priority -x -d 'the lowest is tried first'
complete -c tmail -n "__tmail_is $fields" -s w -l weight -x -d 'share among equal priorities'
complete -c tmail -n "__tmail_is $fields" -s l -l local-ip -x -d 'source addresses'
complete -c tmail -n "__tmail_is $fields" -o rl -l remote-login -x -d 'login at the relay'
complete -c tmail -n "__tmail_is $fields" -o rpwd -l remote-passwd -x -d 'password, - from standard input'
complete -c tmail -n "__tmail_is $fields" -l password-file -rF -d 'file with the password'
complete -c tmail -n "__tmail_is $fields" -l token-file -rF -d 'file with an OAuth token'
complete -c tmail -n "__tmail_is $fields" -l auth -xa 'plain login cram-md5 xoauth2 oauthbearer external' -d 'how to log in'
complete -c tmail -n "__tmail_is $fields" -l family -xa 'ipv4 ipv6 prefer-ipv4 prefer-ipv6' -d 'addresses of the relay'
complete -c tmail -n "__tmail_is $fields" -l tls -xa 'off opportunistic required verified implicit' -d 'how to protect the connection'
complete -c tmail -n "__tmail_is $fields" -l tls-name -x -d 'name in the certificate'
complete -c tmail -n "__tmail_is $fields" -l tls-cert -rF -d 'client certificate and key'
complete -c tmail -n "__tmail_is $fields" -l tls-ca -rF -d 'certificates to trust'
complete -c tmail -n "__tmail_is $fields" -l mail-from-as -x -d 'envelope sender to use'
complete -c tmail -n "__tmail_is $fields" -l connections -x -d 'deliveries at a time, of a relay'
complete -c tmail -n "__tmail_is $fields" -l rate -x -d 'deliveries begun, N/s, N/m or N/h, of a relay'
complete -c tmail -n "__tmail_is $fields" -l helo -x -d 'name to greet with'
complete -c tmail -n "__tmail_is $fields" -l transport -xa '(__tmail_transports)' -d 'word for the mail server'
complete -c tmail -n "__tmail_is $fields" -l reject -x -d 'refuse for good'
complete -c tmail -n "__tmail_is $fields" -l defer -x -d 'keep in the queue'
complete -c tmail -n "__tmail_is $fields" -l discard -d 'take it and drop it'
complete -c tmail -n "__tmail_is $fields" -l comment -x -d 'comment at the end of the line'

complete -c tmail -n "__tmail_is list" -l relays -d 'the relays instead'
complete -c tmail -n "__tmail_is add" -l relay -x -d 'not a route, but a relay of this name'

complete -c tmail -n "__tmail_is test" -l format -xa 'human tap junit json' -d 'of the report'
complete -c tmail -n "__tmail_is test" -l coverage -d 'name the routes that none reaches'
complete -c tmail -n "__tmail_is test" -l fail-under -x -d 'fail where fewer are reached'
complete -c tmail -n "__tmail_is test" -F
complete -c tmail -n "__tmail_is compile" -l format -xa 4 -d 'the format of the index'
complete -c tmail -n "__tmail_is fmt" -F
complete -c tmail -n "__tmail_is fmt" -l check -d 'print the names of files written otherwise'
complete -c tmail -n "__tmail_is fmt" -l diff -d 'print what would change'
complete -c tmail -n "__tmail_is fmt" -l write -d 'change the files'
complete -c tmail -n "__tmail_is import" -xa 'postfix qmail sendmail exim tmail'
complete -c tmail -n "__tmail_is import" -F
complete -c tmail -n "__tmail_is import" -l map -x -d 'KIND=FILE, what a file is'
complete -c tmail -n "__tmail_is import" -l secrets -xa '(__fish_complete_directories)' -d 'passwords to files there'
complete -c tmail -n "__tmail_is lookup" -l explain -d 'print the rungs tried before'
complete -c tmail -n "__tmail_is lookup" -l compile -d 'ask the configuration as it is now'
complete -c tmail -n "__tmail_is lookup" -l plan -d 'print the attempts in a drawn order'
complete -c tmail -n "__tmail_is lookup" -l as -x -a 'postfix exim' -d 'what serve tells that mail server'
complete -c tmail -n "__tmail_is lookup" -l seed -x -d 'draw the same order'
complete -c tmail -n "__tmail_is stats" -l prometheus -d 'metrics for Prometheus'

complete -c tmail -n "__tmail_is diff" -F
complete -c tmail -n "__tmail_is diff" -l format -xa 'human json markdown' -d 'for whom'
complete -c tmail -n "__tmail_is diff" -l samples -rF -d 'mails, to count what becomes of them'
complete -c tmail -n "__tmail_is diff" -l exit-code -d '1 if something differs'

set -l deliver '__fish_seen_subcommand_from deliver'
complete -c tmail -n $deliver -l index -rF -d 'the index'
complete -c tmail -n $deliver -l user -x -d 'SMTP AUTH login'
complete -c tmail -n $deliver -l sender -x -d 'envelope sender'
complete -c tmail -n $deliver -l helo -x -d 'name to greet with'
complete -c tmail -n $deliver -l dns-server -x -d 'ask this server'
complete -c tmail -n $deliver -l ca-file -rF -d 'trusted certificates'
complete -c tmail -n $deliver -l seed -x -d 'draw the same order'
complete -c tmail -n $deliver -l seed-from -x -d 'draw the same order'
complete -c tmail -n $deliver -l timeout -x -d 'for all of it, in seconds'
complete -c tmail -n $deliver -l log -xa 'syslog stderr none' -d 'where to log'
complete -c tmail -n $deliver -l state -xa '(__fish_complete_directories)' -d 'shared by deliveries'
complete -c tmail -n $deliver -l wait -x -d 'for a relay with limits, in seconds'
complete -c tmail -n $deliver -l penalty -x -d 'of an address that is down, in seconds'
complete -c tmail -n $deliver -l queue-id -x -d 'for the log'
complete -c tmail -n $deliver -l help -d 'print help'
complete -c tmail -n $deliver -l version -d 'print the version'
for way in policy socketmap exim http
	complete -c tmail -n "__tmail_is serve" -l $way -x -d 'a listener'
end
complete -c tmail -n "__tmail_is serve" -l on-conflict -x -a 'defer first last' -d 'recipients that differ'
complete -c tmail -n "__tmail_is serve" -l metrics -r -d 'the metrics in a file'
complete -c tmail -n "__tmail_is serve" -l log -x -a 'stderr syslog' -d 'where to'
complete -c tmail -n "__tmail_is serve" -l log-queries -d 'every decision'
complete -c tmail -n "__tmail_is serve" -l max-clients -x -d 'connections at a time'

complete -c tmail -n "__tmail_is export doctor" -xa postfix
complete -c tmail -n "__tmail_is export" -l main -d 'the lines of main.cf alone'
complete -c tmail -n "__tmail_is export" -l master -d 'the services of master.cf alone'
complete -c tmail -n "__tmail_is export doctor" -l policy -x -d 'where Postfix asks its policy service'
complete -c tmail -n "__tmail_is export doctor" -l socketmap -x -d 'where Postfix asks its maps'
complete -c tmail -n "__tmail_is export" -l chroot -xa 'y n' -d 'of the services'
complete -c tmail -n "__tmail_is doctor" -l config -xa '(__fish_complete_directories)' -d 'where main.cf and master.cf are'
complete -c tmail -n "__tmail_is doctor" -l format -xa 'human json' -d 'for whom'
