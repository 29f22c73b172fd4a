// Trains with TensorFlow Playground's engine: reads a case, then numbers of epochs; answers with their CPU seconds.
import { createInterface } from "node:readline";
import * as nn from "playground";

let network, given;

function build() {
  const { sizes, activations, weights, biases } = given;
  const [hidden, output] = [activations[0], activations.at(-1)].map((name) => nn.Activations[name]);
  network = nn.buildNetwork(sizes, hidden, output, null, sizes.slice(0, 1).flatMap((n) => Array.from({ length: n }, (_, i) => `x${i}`)));
  network.slice(1).forEach((layer, l) =>
    layer.forEach((node, unit) => {
      node.bias = biases[l][unit];
      node.inputLinks.forEach((link, i) => (link.weight = weights[l][unit][i]));
    }),
  );
}

// As oneStep of its playground.ts, without the features that it computes of each point.
function epoch() {
  const { x, t, batch, rate } = given;
  for (let i = 0; i < x.length; i++) {
    nn.forwardProp(network, x[i]);
    nn.backProp(network, t[i], nn.Errors.SQUARE);
    if ((i + 1) % batch === 0) nn.updateWeights(network, rate, 0);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!given) {
    given = JSON.parse(line);
    build();
    console.log("ready");
    continue;
  }
  const begun = process.cpuUsage();
  for (let i = 0; i < Number(line); i++) epoch();
  const { user, system } = process.cpuUsage(begun);
  console.log((user + system) / 1e6);
}
