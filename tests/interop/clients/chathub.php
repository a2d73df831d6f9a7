<?php
// Seed 001 in PHP, step by step, with curl: company token, operator token, validation.

class Refused extends Exception {
    public $body;

    public function __construct($status, $body) {
        parent::__construct('refused', $status);
        $this->body = $body;
    }
}

class ChatHubAuth {
    private $baseUrl;
    private $companyToken = null;
    private $operatorTokens = [];

    public function __construct($baseUrl) {
        $this->baseUrl = $baseUrl;
    }

    public function call($path, $body, $token) {
        $ch = curl_init($this->baseUrl . $path);
        $headers = $token === null ? [] : ['Authorization: Bearer ' . $token];
        if ($body !== null) {
            $headers[] = 'Content-Type: application/json';
            curl_setopt($ch, CURLOPT_POST, true);
            curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode($body));
        }
        curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
        curl_setopt($ch, CURLOPT_HTTPHEADER, $headers);
        curl_setopt($ch, CURLOPT_PROXY, '');
        $reply = json_decode(curl_exec($ch), true);
        $status = curl_getinfo($ch, CURLINFO_HTTP_CODE);
        curl_close($ch);
        if ($status !== 200) {
            throw new Refused($status, $reply);
        }
        return $reply;
    }

    public function getCompanyToken($login, $password) {
        $body = ['login' => $login, 'password' => $password];
        return $this->companyToken = $this->call('/api/company/get-token', $body, null);
    }

    public function getOperatorToken($operatorId, $expiresDays = 30) {
        $expiresAt = gmdate('Y-m-d\TH:i:s\Z', time() + (int) ($expiresDays * 24 * 60 * 60));
        $body = ['id' => $operatorId, 'expiresAt' => $expiresAt];
        return $this->operatorTokens[$operatorId] = $this->call('/api/operator/get-token', $body, $this->companyToken);
    }

    public function validateToken($token) {
        return $this->call('/api/operator/validate-token', ['token' => $token], $this->companyToken);
    }
}

$given = json_decode(getenv('GIVEN'), true);
$auth = new ChatHubAuth($given['base']);
$said = [];
try {
    $said['company'] = $auth->getCompanyToken($given['login'], $given['password']);
    $said['operator'] = $auth->getOperatorToken($given['operator'], $given['days']);
    $said['validation'] = $auth->validateToken($said['operator']);
    $said['bad'] = $auth->validateToken($said['operator'] . 'x');
    $said['organizations'] = $auth->call('/api/company/organization', null, $said['company']);
    $said['operators'] = $auth->call('/api/operator', null, $said['operator']);
} catch (Refused $error) {
    $said['refused'] = [$error->getCode(), $error->body];
}
echo json_encode($said);
