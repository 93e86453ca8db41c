# contrib/oauth: a token is fetched from a server on the loopback, and a delivery logs in by it.

load helpers

setup() {
	deliver_setup
	TOKEN=$ROOT/contrib/oauth/tmail-token
	SERVER=$(free_port)
	: >"$DIR/asked"
	answers 200 '{}'
	in_background perl "$BATS_TEST_DIRNAME/token-server.pl" "$SERVER" "$DIR/answer" "$DIR/asked"
	wait_port "$SERVER"
	echo 's3cret "with\ & all=' >"$DIR/secret"
}

teardown() {
	deliver_teardown
}

# answers CODE JSON - what the server says from now on.
answers() {
	printf 'HTTP/1.0 %s x\r\nContent-Type: application/json\r\n\r\n%s' "$1" "$2" >"$DIR/answer"
}

# settings LINE... - $DIR/settings, with what all of them need.
settings() {
	printf '%s\n' '# a comment' '' "url=http://127.0.0.1:$SERVER/token" client_id=me@x \
	    "token_file=$DIR/token" "$@" >"$DIR/settings"
}

@test "client credentials: the token, and when it ends, and a login by it" {
	settings grant=client_credentials "client_secret=$DIR/secret" 'scope=https://x.example/.default'
	answers 200 '{"token_type":"Bearer","expires_in":3599,"access_token":"first.token"}'
	"$TOKEN" "$DIR/settings"
	grep -qxF 'grant_type=client_credentials&client_id=me%40x&client_secret=s3cret%20%22with%5C%20%26%20all%3D&scope=https%3A%2F%2Fx.example%2F.default' \
	    <(sed 's/+/%20/g' "$DIR/asked")
	[ "$(jq -r .access_token "$DIR/token")" = first.token ]
	[ $(($(jq .expires_at "$DIR/token") - $(date +%s))) -gt 3000 ]
	[ "$(stat -c %a "$DIR/token")" = 600 ]
	script 'EHLO|250-x\n250 AUTH XOAUTH2' 'AUTH|235 ok'
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login me token-file $DIR/token"
	deliver a@x.example <<<hello
	is 0
	grep -qF "AUTH XOAUTH2 $(printf 'user=me\1auth=Bearer first.token\1\1' | base64 -w 0)" "$DIR/script.log"
	# The next one, for the same people to read.
	chmod 640 "$DIR/token"
	answers 200 '{"expires_in":"60","access_token":"second.token"}'
	"$TOKEN" "$DIR/settings"
	[ "$(jq -r .access_token "$DIR/token")" = second.token ]
	[ "$(stat -c %a "$DIR/token")" = 640 ]
}

@test "refresh token: used, and replaced where the server sends another" {
	settings grant=refresh_token "refresh_token=$DIR/refresh"
	echo 1//old >"$DIR/refresh"
	answers 200 '{"access_token":"one"}'
	"$TOKEN" "$DIR/settings"
	grep -qxF 'grant_type=refresh_token&client_id=me%40x&refresh_token=1%2F%2Fold' "$DIR/asked"
	[ "$(cat "$DIR/refresh")" = 1//old ]
	answers 200 '{"access_token":"two","refresh_token":"1//new"}'
	"$TOKEN" "$DIR/settings"
	[ "$(cat "$DIR/refresh") $(jq -r .access_token "$DIR/token")" = '1//new two' ]
}

@test "what fails leaves the token as it is, and says why without a secret" {
	local answer secret

	settings grant=client_credentials "client_secret=$DIR/secret"
	echo old >"$DIR/token"
	for answer in '400 {"error":"invalid_client","error_description":"no such client"}' '500 oops' '200 {}' \
	    '200 {"access_token":""}' '200 nonsense' '200 {"access_token":7}' '200 ' '200 {"access_token":"a b"}' \
	    '200 [{"access_token":"a"}]' '200 {"access_token":"a"}{"access_token":"b"}' '200 {"access_token":"a"'; do
		answers "${answer%% *}" "${answer#* }"
		run "$TOKEN" "$DIR/settings"
		[ "$status" -eq 1 ]
		[[ $output == "tmail-token: http://127.0.0.1:$SERVER/token: "* ]]
		[[ $output != *s3cret* ]]
		[ "$(cat "$DIR/token")" = old ]
	done
	answers 400 '{"error":"invalid_client","error_description":"no such client"}'
	run "$TOKEN" "$DIR/settings"
	[[ $output == *': 400 invalid_client: no such client'* ]]
	answers 400 '{"error":"invalid_client","error_description":"what is s3cret \"with\\ & all=?"}'
	run "$TOKEN" "$DIR/settings"
	[ "$output" = "tmail-token: http://127.0.0.1:$SERVER/token: 400 ********" ]
	# However long it is, and whatever it is made of.
	for secret in "$(head -c 900 /dev/urandom | base64 -w 0)" 'gehe\u00efm' 'ge\theim'; do
		jq -nr "\"$secret\"" >"$DIR/secret"
		answers 400 "{\"error\":\"invalid_grant\",\"error_description\":\"bad grant $secret\"}"
		run "$TOKEN" "$DIR/settings"
		[ "$output" = "tmail-token: http://127.0.0.1:$SERVER/token: 400 ********" ]
	done
	# An answer that breaks off.
	printf 'HTTP/1.1 200 x\r\nContent-Length: 99\r\n\r\n{"access_token":"new"}' >"$DIR/answer"
	run "$TOKEN" "$DIR/settings"
	[ "$status" -ne 0 ]
	[ "$(cat "$DIR/token")" = old ]
	settings grant=client_credentials "client_secret=$DIR/none"
	answers 200 '{"access_token":"new"}'
	run "$TOKEN" "$DIR/settings"
	[ "$status" -eq 1 ]
	[ "$output" = 'tmail-token: cannot read the file of client_secret' ]
	# Settings with the secret itself in them.
	settings grant=client_credentials client_secret=s3cret
	run "$TOKEN" "$DIR/settings"
	[ "$status" -eq 1 ]
	[[ $output == *'token_file are files, with the whole path' ]]
	# In base64 one may begin as a path does, and end as a setting.
	settings grant=client_credentials client_secret=/s3cret
	run "$TOKEN" "$DIR/settings"
	[ "$output" = 'tmail-token: cannot read the file of client_secret' ]
	for line in client_secret:s3cret s3cret==; do
		settings "$line"
		run "$TOKEN" "$DIR/settings"
		[ "$output" = "tmail-token: $DIR/settings: line $(wc -l <"$DIR/settings") is no setting" ]
	done
	settings grant=password
	run "$TOKEN" "$DIR/settings"
	[[ $output == *'grant is client_credentials or refresh_token' ]]
	settings grant=client_credentials "client_secret=$DIR/secret" url=http://elsewhere.example/
	run "$TOKEN" "$DIR/settings"
	[[ $output == *'url is to begin with https://' ]]
	# A directory is no place for a token.
	settings grant=client_credentials "client_secret=$DIR/secret" "token_file=$DIR/place"
	answers 200 '{"access_token":"new"}'
	mkdir "$DIR/place"
	run "$TOKEN" "$DIR/settings"
	[ "$status" -ne 0 ]
	[ -z "$(ls "$DIR/place")" ]
	[ "$(find "$DIR" -name 'token.*' -o -name 'place.*' | wc -l)" -eq 0 ]
}

@test "files with CRLF and a mark in front; an end that is not said, or in no number, is an hour away" {
	local end

	settings grant=refresh_token "refresh_token=$DIR/refresh"
	sed -i -e 's/$/\r/' -e '1s/^/\xEF\xBB\xBF/' "$DIR/settings"
	printf '\357\273\2771//old\r\n' >"$DIR/refresh"
	for end in '' ',"expires_in":null' ',"expires_in":"soon"' ',"expires_in":true'; do
		echo old >"$DIR/token"
		answers 200 "{\"access_token\":\"new\"$end}"
		"$TOKEN" "$DIR/settings"
		[ "$(tail -n 1 "$DIR/asked")" = 'grant_type=refresh_token&client_id=me%40x&refresh_token=1%2F%2Fold' ]
		[ "$(jq -r .access_token "$DIR/token")" = new ]
		[ $(($(jq .expires_at "$DIR/token") - $(date +%s))) -gt 3000 ]
	done
}
