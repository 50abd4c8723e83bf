internal import Checkpoint
internal import Compute
internal import Tokens

/// How fast a model reads and makes rows here: what `colloquy bench` prints.
package struct LanguageModelBenchmark {
    /// Something that can be timed, as often as one likes.
    package enum Sample: Hashable, Sendable {
        /// A prompt of so many rows is read.
        case prefill(rows: Int)
        /// Sequences that hold `depth` rows each make `count` rows together, a row each a step.
        case steps(_ count: Int, depth: Int, streams: Int)
    }

    /// What is timed.
    package struct Plan: Sendable {
        /// Rows of a prompt to prefill.
        package var promptRows = 512
        /// Rows that every sequence holds when its steps are timed.
        package var depth = 300
        /// Steps of one sample; one more warms up.
        package var steps = 8
        /// Sequences that step together: a sample each.
        package var streams = [4]
        /// Samples of each kind.
        package var repetitions = 3

        package init() {}
    }

    /// Samples of each kind, in the order in which they were taken.
    package struct Result: Sendable {
        /// Rows of a prompt per second.
        package var prefillRowsPerSecond: [Double] = []
        /// Steps per second of one sequence; 12.5 are real time at the published frame rate.
        package var stepsPerSecond: [Double] = []
        /// Rows per second of several sequences together, by their number.
        package var batchedRowsPerSecond: [Int: [Double]] = [:]
        /// Bytes of weights that a step reads.
        package var weightBytes = 0
        /// Multiply-adds that the layers' matrices cost per row of a prompt: without the heads, and of the last layer
        /// without what follows its keys and values, of which a prompt needs one row.
        package var multiplyAddsPerRow = 0
    }

    /// A plain read of the weights of a step, by all threads: what steps of one sequence may hope for at this moment.
    package func bytesReadPerSecond() -> Double {
        model.device.bytesReadPerSecond(LayerBenchmark.Kind.allCases.flatMap { $0.weights(of: model) })
    }

    /// Runs passes of a model, without sampling; kinds alternate, so that a disturbance meets all of them.
    package static func run(_ model: LanguageModel, plan: Plan) -> Result {
        precondition(plan.promptRows > 0 && plan.steps > 0 && plan.repetitions > 0, "nothing to time")
        let prefill = Sample.prefill(rows: plan.promptRows)
        func steps(_ streams: Int) -> Sample { .steps(plan.steps, depth: plan.depth, streams: streams) }
        let bench = LanguageModelBenchmark(model, for: [prefill] + ([1] + plan.streams).map(steps))
        var result = Result()
        result.weightBytes = model.weightBytes
        result.multiplyAddsPerRow = model.multiplyAddsPerRow
        for _ in 0..<plan.repetitions {
            result.prefillRowsPerSecond.append(bench.rowsPerSecond(prefill))
            result.stepsPerSecond.append(bench.rowsPerSecond(steps(1)))
            for streams in plan.streams {
                result.batchedRowsPerSecond[streams, default: []].append(bench.rowsPerSecond(steps(streams)))
            }
        }
        return result
    }

    private let model: LanguageModel
    private let stock: KeyValuePages
    private let scratch: ForwardScratch
    private let grid: TokenGrid
    /// Rows of a prompt in one pass, as an engine takes them by default.
    private let passRows = EngineLimits().prefillRowsAlone

    /// - Parameter samples: All that will be asked for.
    package init(_ model: LanguageModel, for samples: [Sample]) {
        self.model = model
        let layout = model.cacheLayout
        stock = KeyValuePages(
            layout: layout, capacity: samples.map { $0.streams * layout.pages(forRows: $0.rowsPerStream) }.max() ?? 1)
        let streams = samples.map(\.streams).max() ?? 1
        scratch = ForwardScratch(model, rowsMax: max(passRows, streams), logitRowsMax: streams)
        let configuration = model.configuration
        let rows = samples.map(\.promptRows).max() ?? 1
        grid = TokenGrid(
            channels: configuration.channels,
            ids: (0..<rows * configuration.channels).map {
                Int32($0 % min(configuration.speechVocabularySize, configuration.vocabularySize))
            })
        _ = rowsPerSecond(.steps(1, depth: 0, streams: 1))  // maps the weights
    }

    /// Takes one sample.
    package func rowsPerSecond(_ sample: Sample) -> Double {
        switch sample {
        case .prefill(let rows): prefill(rows)
        case .steps(let count, let depth, let streams): step(count, depth: depth, streams: streams)
        }
    }

    private func prefill(_ rows: Int) -> Double {
        let cache = KeyValueCache(stock)
        return Self.perSecond(rows) {
            for first in stride(from: 0, to: rows, by: passRows) {
                let end = min(first + passRows, rows)
                pass([cache], first..<end, logitRows: end == rows ? 1 : 0)
            }
        }
    }

    /// The keys behind which it steps are zeros: what they hold costs no time.
    private func step(_ steps: Int, depth: Int, streams: Int) -> Double {
        let caches = (0..<streams).map { _ in KeyValueCache(stock) }
        for cache in caches {
            let isReserved = cache.reserve(depth)
            precondition(isReserved, "the benchmark counted its pages wrong")
            cache.advance(depth)
        }
        pass(caches, 0..<1)
        return Self.perSecond(steps * streams) { for _ in 0..<steps { pass(caches, 0..<1) } }
    }

    private func pass(_ caches: [KeyValueCache], _ rows: Range<Int>, logitRows: Int = 1) {
        for cache in caches {
            let isReserved = cache.reserve(rows.count)
            precondition(isReserved, "the benchmark counted its pages wrong")
        }
        ForwardPass.run(
            model, caches.map { SequenceRows(cache: $0, grid: grid, rows: rows, logitRows: logitRows) }, scratch)
    }

    private static func perSecond(_ count: Int, _ body: () -> Void) -> Double {
        Double(count) / (ContinuousClock().measure(body) / .seconds(1))
    }
}

extension LanguageModelBenchmark.Sample {
    fileprivate var streams: Int {
        if case .steps(_, _, let streams) = self { streams } else { 1 }
    }

    fileprivate var promptRows: Int {
        if case .prefill(let rows) = self { rows } else { 1 }
    }

    /// With the step that warms up; two at least, for the one that maps the weights.
    fileprivate var rowsPerStream: Int {
        switch self {
        case .prefill(let rows): max(2, rows)
        case .steps(let count, let depth, _): depth + count + 1
        }
    }
}

extension LanguageModel {
    fileprivate var multiplyAddsPerRow: Int {
        weights.layers.enumerated().reduce(0) { sum, layer in
            var matrices = [layer.element.query, layer.element.key, layer.element.value]
            if layer.offset + 1 < weights.layers.count {
                matrices += [layer.element.output, layer.element.gate, layer.element.up, layer.element.down]
            }
            return matrices.reduce(sum) { $0 + $1.outputs * $1.inputs }
        }
    }
}
