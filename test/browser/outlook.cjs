// Writes a mail as Outlook stores one ([MS-OXMSG]), by @tutao/oxmsg: to a path, with so many megabytes of words and so many attached, ten a file.
"use strict";

const { randomBytes } = require("node:crypto");
const { writeFileSync } = require("node:fs");
const { Attachment, Email } = require("@tutao/oxmsg");

const [path, words, attached] = process.argv.slice(2);
const mail = new Email(true, false);
mail.subject("The harbour").sender("ann@example.org", "Ann Bell").to("canary-to@example.org", "canary").sentOn(new Date("2026-03-06T10:00:00Z"));
mail.bodyText("Bring the money to pier 9." + "\nAnd once more.".repeat(Number(words) * 2 ** 20 / 15));
for (let left = Number(attached); left > 0; left -= 10) mail.attach(new Attachment(randomBytes(Math.min(left, 10) * 2 ** 20), "plans.zip"));
writeFileSync(path, mail.msg());
