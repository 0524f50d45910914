using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Puts backends together.</summary>
internal static class AuditBackends
{
    /// <summary>A sink that is used in a mode.</summary>
    public static IAuditBackend Mode(IAuditSink sink, AuditMode mode, AuditBatchOptions batch, TimeProvider time, ILogger logger) => mode == AuditMode.Batch
        ? new BatchingBackend(sink, batch, time, logger)
        : new BlockingBackend(sink, isStrict: mode == AuditMode.BlockingStrict, logger);
}
