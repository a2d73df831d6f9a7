<?php
// Seed 004 in PHP, step by step, with curl: encrypt, log in, list, refresh.

$given = json_decode(getenv('GIVEN'), true);

/** Hexadecimal of a random IV and the AES-256-CBC ciphertext. */
function encrypted($plain) {
    global $given;
    $iv = random_bytes(16);
    $sealed = openssl_encrypt(json_encode($plain), 'aes-256-cbc', hex2bin($given['key']), OPENSSL_RAW_DATA, $iv);
    return bin2hex($iv . $sealed);
}

function call($path, $plain, $token = null) {
    global $given;
    $headers = ['Partner-Code: ' . $given['partner'], 'Content-Type: application/json'];
    if ($token !== null) {
        $headers[] = 'Authorization: Bearer ' . $token;
    }
    $ch = curl_init($given['base'] . $path);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($ch, CURLOPT_POST, true);
    curl_setopt($ch, CURLOPT_PROXY, '');
    curl_setopt($ch, CURLOPT_HTTPHEADER, $headers);
    curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode(['data' => encrypted($plain)]));
    $reply = json_decode(curl_exec($ch), true);
    $status = curl_getinfo($ch, CURLINFO_HTTP_CODE);
    curl_close($ch);
    return [$status, $reply];
}

$login = call('/openapi/v1/auth/login', $given['credentials']);
$refresh = call('/openapi/v1/auth/refresh', ['refresh_token' => $login[1]['refresh_token']]);
echo json_encode([
    'login' => $login,
    'list' => call('/openapi/v1/transaction/qr', $given['period'], $login[1]['access_token']),
    'refresh' => $refresh,
    'list_again' => call('/openapi/v1/transaction/qr', $given['period'], $refresh[1]['access_token']),
    'wrong_password' => call('/openapi/v1/auth/login', array_merge($given['credentials'], ['password' => 'wrong'])),
    'no_token' => call('/openapi/v1/transaction/qr', $given['period']),
]);
