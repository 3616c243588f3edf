// One peer in Node: waits for [first, count, file] on a line, merges that many documents, answers with milliseconds of processor time a document.
"use strict";
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const load = (name) => require(require.resolve(name, { paths: [path.join(process.cwd(), "node_modules")] }));

const [name, template, data] = process.argv.slice(2);
const content = fs.readFileSync(template);
const contexts = JSON.parse(fs.readFileSync(data, "utf8"));

const peers = {
  "docxtemplater": () => {
    const PizZip = load("pizzip");
    const Docxtemplater = load("docxtemplater");
    return async (context) => {
      const document = new Docxtemplater(new PizZip(content), { paragraphLoop: true, linebreaks: true });
      document.render(context);
      return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
    };
  },
  "easy-template-x": () => {
    const { TemplateHandler } = load("easy-template-x");
    const handler = new TemplateHandler();
    return (context) => handler.process(content, context);
  },
  "docx-templates": () => {
    const { createReport } = load("docx-templates");
    return (data) => createReport({ template: content, data, cmdDelimiter: ["{", "}"], noSandbox: true });
  },
  "carbone": () => {
    const carbone = load("carbone");
    return (data) => new Promise((done, failed) => carbone.render(template, data, (error, made) => (error ? failed(error) : done(made))));
  },
};

const merge = peers[name]();
(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [first, count, file] = JSON.parse(line);
    const start = process.cpuUsage();
    let made;
    for (let number = first; number < first + count; number++) {
      made = await merge(contexts[number % contexts.length]);
    }
    const used = process.cpuUsage(start);
    const milliseconds = (used.user + used.system) / 1e3 / count;
    if (file) fs.writeFileSync(file, Buffer.from(made));
    process.stdout.write(`${milliseconds}\n`);
  }
})();
