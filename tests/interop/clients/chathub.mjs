// Seed 001 in JavaScript, step by step, with axios: company token, operator token, validation.
import axios from 'axios';

class ChatHubAuth {
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
    this.companyToken = null;
    this.operatorTokens = {};
  }

  bearer(token) {
    return token ? { headers: { Authorization: `Bearer ${token}` }, proxy: false } : { proxy: false };
  }

  async getCompanyToken(login, password) {
    this.companyToken = (await axios.post(`${this.baseUrl}/api/company/get-token`, { login, password }, this.bearer())).data;
    return this.companyToken;
  }

  async getOperatorToken(id, days = 30) {
    const expiresAt = new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString();
    const reply = await axios.post(`${this.baseUrl}/api/operator/get-token`, { id, expiresAt }, this.bearer(this.companyToken));
    return (this.operatorTokens[id] = reply.data);
  }

  async validateToken(token) {
    return (await axios.post(`${this.baseUrl}/api/operator/validate-token`, { token }, this.bearer(this.companyToken))).data;
  }

  async get(path, token) {
    return (await axios.get(this.baseUrl + path, this.bearer(token))).data;
  }
}

// As the document has it: three tries, and none after a 401.
async function withRetry(act, retries = 3) {
  for (let i = 0; ; i++) {
    try {
      return await act();
    } catch (error) {
      if (error.response?.status === 401 || error.response?.status === 400 || i === retries - 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2 ** i * 1000));
    }
  }
}

const given = JSON.parse(process.env.GIVEN);
const auth = new ChatHubAuth(given.base);
const said = {};
try {
  said.company = await withRetry(() => auth.getCompanyToken(given.login, given.password));
  said.operator = await withRetry(() => auth.getOperatorToken(given.operator, given.days));
  said.validation = await auth.validateToken(said.operator);
  said.bad = await auth.validateToken(said.operator + 'x');
  said.organizations = await auth.get('/api/company/organization', said.company);
  said.operators = await auth.get('/api/operator', said.operator);
} catch (error) {
  if (!error.response) throw error;
  said.refused = [error.response.status, error.response.data];
}
console.log(JSON.stringify(said));
