using System.Net.Security;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>A listener of a Gateway, as its connections see it. Immutable.</summary>
internal sealed record ListenerTable
{
    public static ListenerTable Empty { get; } = new();

    /// <summary>The rules of HTTP and gRPC routes.</summary>
    public HostMap<HostRules> Rules { get; init; } = HostMap<HostRules>.Empty;

    /// <summary>Where connections go whose TLS is not ended here.</summary>
    public HostMap<WeightedTargets> Connections { get; init; } = HostMap<WeightedTargets>.Empty;

    /// <summary>What TLS is ended with, by the names of the certificates; empty where TLS is not ended here.</summary>
    public HostMap<SslServerAuthenticationOptions> Certificates { get; init; } = HostMap<SslServerAuthenticationOptions>.Empty;

    /// <summary>What TLS is ended with where no certificate has the name.</summary>
    public SslServerAuthenticationOptions? DefaultCertificate { get; init; }

    /// <summary>Whether connections are handed on as they are.</summary>
    public bool IsPassthrough { get; init; }

    /// <summary>Whether TLS is ended here, and what is inside it handed on.</summary>
    public bool IsTerminated { get; init; }

    /// <summary>The match that a request is answered by; the routes of a more specific hostname come first.</summary>
    public RouteEntry? Find(HttpRequest request, string host)
    {
        var path = request.Path.Value is { Length: > 0 } given ? given : "/";
        for (var step = 0; Rules.Next(host, ref step, out var rules);)
        {
            if (rules?.Find(request, path) is { } found)
            {
                return found;
            }
        }
        return null;
    }
}

/// <summary>What is at one port of a Gateway. Immutable; replaced as a whole when something changes.</summary>
/// <param name="Number">The port as clients know it.</param>
/// <param name="IsTls">Whether TLS is spoken.</param>
/// <param name="Listeners">The listeners, by their hostnames.</param>
internal sealed record PortTable(int Number, bool IsTls, HostMap<ListenerTable> Listeners)
{
    public static PortTable Closed { get; } = new(0, IsTls: false, HostMap<ListenerTable>.Empty);

    /// <summary>Whether a connection's first message has to be looked at before it is known who answers it.</summary>
    public bool NeedsServerName { get; } = Listeners.Values.Any(static listener => listener.IsPassthrough || listener.IsTerminated);
}
