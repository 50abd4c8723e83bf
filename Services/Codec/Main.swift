import Compute
import Contracts
import ModelLoading
import ServiceKit
import Wire

/// `colloquy-codec`: text ↔ ids, prompts, sound ↔ codes. Stateless: any worker takes any request.
@main
struct Main {
    static func main() async {
        await ServiceProcess.main(CodecSettings.self) { own, context in
            let model = try CodecModel(
                InstalledModel(settings: context.settings), pool: WorkerPool(threads: context.settings.threads),
                settings: own, caches: ModelCaches(folder: context.settings.cacheDirectory))
            let worker = try context.worker(methods: MethodTable(codec: model), model: model.facts)
            context.announceReady(["model": model.facts.name])
            return [UntilShutdown("codec worker") { try await worker.run() }]
        }
    }
}
