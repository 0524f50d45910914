namespace Kybernet.ApiServer.Audit.Policy;

/// <summary>How far a request has come when an event is recorded.</summary>
internal enum AuditStage
{
    /// <summary>It has come in.</summary>
    RequestReceived,

    /// <summary>Its answer begins, and may go on for long.</summary>
    ResponseStarted,

    /// <summary>It is answered.</summary>
    ResponseComplete,

    /// <summary>It came upon a fault of the server.</summary>
    Panic,
}
