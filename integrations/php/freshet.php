<?php
// Carries the W3C traceparent of a request into PostgreSQL's application_name, which libpq takes from
// PGAPPNAME when a connection is opened: php.ini's auto_prepend_file = /path/to/freshet.php.
// No change in the app; PDO, pg_connect and what stands on them.

(static function (): void {
    // With threads, the environment is shared by requests under way at once: not there.
    if (PHP_ZTS || PHP_SAPI === 'cli') {
        return;
    }
    $given = $_SERVER['HTTP_TRACEPARENT'] ?? '';
    $valid = is_string($given)
        && preg_match('/^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/', $given, $found);
    if ($valid) {
        // PHP takes it back when the request ends.
        putenv('PGAPPNAME=' . $found[0]);
    }
})();
