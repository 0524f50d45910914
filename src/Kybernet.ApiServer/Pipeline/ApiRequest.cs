using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Audit;
using Kybernet.ApiServer.Audit.Events;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.FlowControl;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Pipeline;

/// <summary>One request, wherever it came from: the HTTPS front, or a component of the same process.</summary>
public sealed record ApiRequest
{
    /// <summary>The HTTP method, in upper case.</summary>
    public required string Method { get; init; }

    /// <summary>The path, unescaped, as in <c>/api/v1/namespaces/default/pods</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The query's parameters.</summary>
    public required IQueryCollection Query { get; init; }

    /// <summary>The <c>Accept</c> header; empty for none.</summary>
    public string Accept { get; init; } = "";

    /// <summary>The body's media type; empty for none.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>The <c>User-Agent</c> header; empty for none.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The <c>Authorization</c> header; empty for none.</summary>
    public string Authorization { get; init; } = "";

    /// <summary>The certificate that the client proved to own; null for none. Whether it is to be trusted is the authenticator's to say.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The headers, for what is rarely asked (impersonation, upgrades, front proxies); null where the request came from inside the process.</summary>
    public IHeaderDictionary? Headers { get; init; }

    /// <summary>The connection's HTTP context, for upgrades; null where the request came from inside the process.</summary>
    public HttpContext? HttpContext { get; init; }

    /// <summary>The body: read whole, before the pipeline; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>What the path and query mean.</summary>
    public required RequestInfo Info { get; init; }

    /// <summary>Who asks. Set by the front for components of the process; by authentication for the rest.</summary>
    public UserInfo? User { get; set; }

    /// <summary>What the request holds of the server until it is answered; null before flow control has looked at it.</summary>
    internal FlowTicket? Ticket { get; set; }

    /// <summary>What the client shall be told though the request succeeds; become <c>Warning</c> headers.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Where to note what an auditor shall see; null where nobody audits the request.</summary>
    public AuditAnnotations? AuditAnnotations => Audit?.Annotations;

    /// <summary>By what the request is known to auditors; empty where there are none.</summary>
    internal string AuditId { get; set; } = "";

    /// <summary>What is recorded of the request; null where nothing is.</summary>
    internal AuditTrail? Audit { get; set; }
}
