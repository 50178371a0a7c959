/** Helpers of the corpus that stand in a file of their own, so that the audit has to follow an import. */
const post = async () => {
  await fetch("http://localhost/charges", { method: "POST" });
  return {};
};

export const pay = () => post();

export const read = async () => ({ log: (await fetch("http://localhost/charges")).statusText });
