internal import Checkpoint
internal import Compute
internal import Tokens

/// How fast a model reads and makes rows here: what `colloquy bench` prints.
package struct LanguageModelBenchmark {
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
        /// Multiply-adds that the layers' matrices cost per row, without the heads, of which a prompt needs one row.
        package var multiplyAddsPerRow = 0
    }

    /// Runs passes of a model, without sampling; kinds alternate, so that a disturbance meets all of them.
    package static func run(_ model: LanguageModel, plan: Plan) -> Result {
        precondition(plan.promptRows > 0 && plan.steps > 0 && plan.repetitions > 0, "nothing to time")
        var result = Result()
        let bench = LanguageModelBenchmark(model: model, plan: plan)
        result.weightBytes = bench.model.weightBytes
        result.multiplyAddsPerRow = bench.model.multiplyAddsPerRow

        bench.step(streams: 1, steps: 1)  // maps the weights
        for _ in 0..<plan.repetitions {
            result.prefillRowsPerSecond.append(bench.prefill())
            result.stepsPerSecond.append(bench.step(streams: 1, steps: plan.steps))
            for streams in plan.streams {
                result.batchedRowsPerSecond[streams, default: []]
                    .append(bench.step(streams: streams, steps: plan.steps))
            }
        }
        return result
    }

    private let model: LanguageModel
    private let plan: Plan
    private let stock: KeyValuePages
    private let scratch: ForwardScratch
    private let grid: TokenGrid
    /// Rows of a prompt in one pass, as an engine takes them by default.
    private let passRows = EngineLimits().prefillRows

    private init(model: LanguageModel, plan: Plan) {
        self.model = model
        self.plan = plan
        let streams = plan.streams.max() ?? 1
        let deep = model.cacheLayout.pages(forRows: plan.depth + plan.steps + 1)
        stock = KeyValuePages(
            layout: model.cacheLayout, capacity: max(deep * streams, model.cacheLayout.pages(forRows: plan.promptRows)))
        scratch = ForwardScratch(model, rowsMax: max(passRows, streams), logitRowsMax: streams)
        let configuration = model.configuration
        grid = TokenGrid(
            channels: configuration.channels,
            ids: (0..<plan.promptRows * configuration.channels).map {
                Int32($0 % min(configuration.speechVocabularySize, configuration.vocabularySize))
            })
    }

    private func prefill() -> Double {
        let cache = KeyValueCache(stock)
        return Self.perSecond(plan.promptRows) {
            for first in stride(from: 0, to: plan.promptRows, by: passRows) {
                let end = min(first + passRows, plan.promptRows)
                pass([cache], first..<end, logitRows: end == plan.promptRows ? 1 : 0)
            }
        }
    }

    /// Rows per second. The keys behind which it steps are zeros: what they hold costs no time.
    @discardableResult
    private func step(streams: Int, steps: Int) -> Double {
        let caches = (0..<streams).map { _ in KeyValueCache(stock) }
        for cache in caches {
            let isReserved = cache.reserve(plan.depth)
            precondition(isReserved, "the benchmark counted its pages wrong")
            cache.advance(plan.depth)
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

extension LanguageModel {
    fileprivate var multiplyAddsPerRow: Int {
        weights.layers.reduce(0) { sum, layer in
            [layer.query, layer.key, layer.value, layer.output, layer.gate, layer.up, layer.down]
                .reduce(sum) { $0 + $1.outputs * $1.inputs }
        }
    }
}
