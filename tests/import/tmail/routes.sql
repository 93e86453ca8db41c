CREATE TABLE routes (id integer primary key, host varchar(255), local_ip varchar(255),
  remote_host varchar(255), remote_port integer, priority integer, smtp_auth_login varchar(255),
  smtp_auth_passwd varchar(255), mail_from varchar(255), user varchar(255));
INSERT INTO routes VALUES
  (1, 'tmail.io', '192.0.2.1|192.0.2.2', 'mail.tmail.io', 25, 1, '', '', NULL, NULL),
  (2, '*', NULL, 'premium.tmail.io', 587, 0, 'login', 'hush 1', NULL, 'toorop@tmail.io'),
  (3, 'd.example', NULL, 'h.example', 25, 2, NULL, NULL, 'Bob@x.example', NULL),
  (4, 'd.example', NULL, 'h.example', 25, 2, NULL, NULL, 'x.example', 'joe@tmail.io'),
  (5, '*', NULL, 'big.example', 25, 1, NULL, NULL, NULL, NULL),
  (6, '*', NULL, 'big.example', 25, 1, NULL, NULL, NULL, NULL),
  (7, '*', '2001:db8::1&192.0.2.1', 'small.example', 25, 1, NULL, NULL, NULL, NULL),
  (8, '*', 'a|b', 'h.example', 25, 1, NULL, NULL, NULL, NULL),
  (9, 'a..b', NULL, 'h.example', 25, 1, NULL, NULL, NULL, NULL),
  (10, 'e.example', NULL, 'h.example', 99999, 1, NULL, NULL, NULL, NULL),
  (11, 'e.example', NULL, 'h.example', 25, 1, 'login', '', NULL, NULL),
  (12, 'e.example', NULL, '', 25, 1, NULL, NULL, NULL, NULL),
  (13, 'e.example', NULL, '192.0.2.7', 2525, 1, NULL, NULL, 'ann@tmail.io', 'any'),
  (14, 'e.example', '192.0.2.1|192.0.2.2&192.0.2.3', 'h.example', 25, 1, NULL, NULL, NULL, NULL);
