using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Audit.Policy;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Audit.Events;

/// <summary>The object that a request is about, beside what its path says.</summary>
internal sealed record AuditedObject(string Namespace, string Name, string Uid, string ResourceVersion);

/// <summary>What is recorded of a request at a stage.</summary>
/// <param name="Id">The request's identifier: the same at all stages.</param>
/// <param name="Level">How much is recorded.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Request">What is asked for.</param>
/// <param name="RequestUri">The path and query, as they were asked for.</param>
/// <param name="User">Who asks.</param>
/// <param name="Received">When the request came in.</param>
/// <param name="Time">When the stage was reached.</param>
internal sealed record AuditEvent(
    string Id, AuditLevel Level, AuditStage Stage, RequestInfo Request, string RequestUri, UserInfo User, DateTimeOffset Received, DateTimeOffset Time)
{
    /// <summary>As whom; null where as nobody else.</summary>
    public UserInfo? ImpersonatedUser { get; init; }

    /// <summary>Where the request comes from: the client first, then the proxies that say so.</summary>
    public IReadOnlyList<string> SourceIPs { get; init; } = [];

    /// <summary>What the client calls itself.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The object; null where there is nothing but the path to know it from.</summary>
    public AuditedObject? Object { get; init; }

    /// <summary>What became of it; null where that is not known yet.</summary>
    public Status? ResponseStatus { get; init; }

    /// <summary>What was sent, as JSON; empty for nothing.</summary>
    public ReadOnlyMemory<byte> RequestObject { get; init; }

    /// <summary>What was answered, as JSON; empty for nothing.</summary>
    public ReadOnlyMemory<byte> ResponseObject { get; init; }

    /// <summary>What those who handled it noted.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Annotations { get; init; } = [];
}
