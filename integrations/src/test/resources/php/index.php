<?php
// An ordinary app: it knows nothing of traces. It opens its connection in each request.
$n = $_GET['n'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$rows = [];
if ($path === '/pdo') {
    $pdo = new PDO('pgsql:', null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $found = $pdo->prepare('select id, name, ?::text as n from item where id = ?');
    foreach ([1, 2] as $id) {
        $found->execute([$n, $id]);
        $rows[] = $found->fetchAll(PDO::FETCH_ASSOC);
    }
    $pdo->beginTransaction();
    $pdo->prepare('insert into visit (n) values (?)')->execute([$n]);
    $rows[] = $pdo->query('select count(*) from visit where n = ' . $pdo->quote($n))->fetchAll();
    $pdo->rollBack();
} elseif ($path === '/pg') {
    $link = pg_connect('');
    $rows[] = pg_fetch_all(pg_query_params($link, 'select id, $1::text as n from item', [$n]));
    $rows[] = pg_fetch_all(pg_query($link, "select '$n'::text as simple"));
    pg_prepare($link, 'kept', 'select $1::text as prepared');
    $rows[] = pg_fetch_all(pg_execute($link, 'kept', [$n]));
} elseif ($path === '/persistent') {
    $link = pg_pconnect('');
    $rows[] = pg_fetch_all(pg_query_params($link, 'select $1::text as persistent', [$n]));
}
echo json_encode($rows);
