internal import Compute

/// How fast a model's dense layers run, kind by kind and with several numbers of rows: what the time of a step is made of.
package struct LayerBenchmark {
    /// Layers that read the same input are one product.
    package enum Kind: CaseIterable, Sendable {
        case queryKeyValue, attentionOutput, gateUp, down, heads
    }

    package struct Figure: Sendable {
        package let kind: Kind
        /// Of input, that meet the weights at once.
        package let rows: Int
        /// Of weights, all of the model's layers of this kind together, each of which is read once.
        package let weightBytes: Int
        package let multiplyAdds: Int
        /// For all of them, one after another; a sample each.
        package var seconds: [Double] = []
    }

    /// Times the products of all layers of a kind in the order in which a pass needs them, so that weights come from where
    /// they come from in a pass: from memory, where there are more of them than the caches hold. Rows are quantised within
    /// the time, as a pass does it. Kinds alternate, so that a disturbance meets all of them.
    package static func run(_ model: LanguageModel, rows: [Int], repetitions: Int) -> [Figure] {
        precondition(rows.allSatisfy { $0 > 0 }, "products of no rows")
        let scratch = ForwardScratch(model, rowsMax: rows.max() ?? 1, logitRowsMax: rows.max() ?? 1)
        for input in [scratch.normed, scratch.attended, scratch.gate, scratch.last] {
            for index in 0..<input.count { input.base[index] = Float(index % 251 - 125) / 125 }
        }
        var figures = rows.flatMap { rows in
            Kind.allCases.map { kind in
                let weights = kind.weights(of: model)
                return Figure(
                    kind: kind, rows: rows, weightBytes: weights.reduce(0) { $0 + $1.byteCount },
                    multiplyAdds: weights.reduce(0) { $0 + rows * $1.outputs * $1.inputs })
            }
        }
        for repetition in 0...repetitions {
            for index in figures.indices {
                let seconds =
                    ContinuousClock().measure {
                        multiply(figures[index].kind, figures[index].rows, model, scratch)
                    } / .seconds(1)
                // The first maps the weights.
                if repetition > 0 { figures[index].seconds.append(seconds) }
            }
        }
        return figures
    }

    private static func multiply(_ kind: Kind, _ rows: Int, _ model: LanguageModel, _ scratch: ForwardScratch) {
        func linear(_ x: AlignedFloats, _ layers: [CPUDevice.Layer], through room: QuantisedRows? = nil) {
            model.device.linear(x.base, rows: rows, layers, through: room ?? scratch.quantised)
        }
        switch kind {
        case .queryKeyValue: for layer in scratch.layers { linear(scratch.normed, layer.queryKeyValue) }
        case .attentionOutput: for layer in scratch.layers { linear(scratch.attended, layer.output) }
        case .gateUp: for layer in scratch.layers { linear(scratch.normed, layer.gateUp) }
        case .down:
            // Its input is where `gateUp` wrote; what is in it does not matter.
            for layer in scratch.layers { linear(scratch.gate, layer.down, through: scratch.quantisedInner) }
        case .heads: linear(scratch.last, scratch.heads)
        }
    }
}

extension LayerBenchmark.Kind {
    func weights(of model: LanguageModel) -> [DenseWeights] {
        let layers = model.weights.layers
        return switch self {
        case .queryKeyValue: layers.flatMap { [$0.query, $0.key, $0.value] }
        case .attentionOutput: layers.map(\.output)
        case .gateUp: layers.flatMap { [$0.gate, $0.up] }
        case .down: layers.map(\.down)
        case .heads: model.weights.heads.map(\.weights)
        }
    }
}
