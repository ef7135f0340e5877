// A small integration with EngageLab: what your software might have. Nothing in it knows of the emulator.

export class Contacts {
  // baseUrl is https://email.api.engagelab.cc, or the emulator's.
  constructor(baseUrl, user, key) {
    this.members = `${baseUrl}/v1/marketing/lists/members`;
    this.headers = {
      authorization: `Basic ${Buffer.from(`${user}:${key}`).toString("base64")}`,
      "content-type": "application/json",
    };
  }

  // Adds people or brings them up to date; how many of them are new.
  async save(people) {
    const answer = await this.#ask("POST", this.members, { members: people, update_existing: true });
    return answer.created_count;
  }

  async #ask(method, url, body) {
    const answer = await fetch(url, { method, headers: this.headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
