import Compute
import Contracts
import LanguageModel
import ModelLoading
import ServiceKit
import Wire

/// `colloquy-generator`: token matrices become frames. Knows numbers only, no text and no sound.
@main
struct Main {
    static func main() async {
        await ServiceProcess.main(GeneratorSettings.self) { own, context in
            let pool = WorkerPool(threads: context.settings.threads, pinsHelpers: own.pinsThreads)
            let model = try GeneratorModel(
                InstalledModel(settings: context.settings), settings: context.settings, own: own, pool: pool,
                logger: context.logger)
            let worker = try context.worker(methods: MethodTable(generator: model), model: model.facts)
            context.announceReady(["model": model.facts.name])
            return [
                UntilShutdown("generator worker") {
                    defer { model.engine.shutDown() }
                    try await worker.run()
                }
            ]
        }
    }
}
