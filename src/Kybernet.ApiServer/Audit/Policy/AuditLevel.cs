namespace Kybernet.ApiServer.Audit.Policy;

/// <summary>How much of a request is recorded; the more, the greater.</summary>
internal enum AuditLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Who asked for what, and what became of it.</summary>
    Metadata,

    /// <summary>What was sent, too.</summary>
    Request,

    /// <summary>What was answered, too.</summary>
    RequestResponse,
}
