using System.Net;
using Kybernet.Api;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Ingresses.Backends;

/// <summary>What an Ingress names as a backend.</summary>
/// <param name="Service">The Service.</param>
/// <param name="PortName">Its port's name; empty where it is named by its number.</param>
/// <param name="PortNumber">Its port's number; 0 where it is named by its name.</param>
internal readonly record struct BackendKey(NamespacedName Service, string PortName, int PortNumber);

/// <summary>The endpoints that are ready, and how they are spoken to.</summary>
/// <param name="Endpoints">Addresses as in <c>http://10.244.0.5:8080</c>.</param>
/// <param name="Request">How requests are sent.</param>
internal sealed record BackendState(IReadOnlyList<string> Endpoints, ForwarderRequestConfig Request)
{
    /// <summary>Streams, as WebSockets are, may be silent for long.</summary>
    private static readonly TimeSpan ActivityTimeout = TimeSpan.FromHours(1);

    public static ForwarderRequestConfig Http1 { get; } = new()
    {
        ActivityTimeout = ActivityTimeout,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>HTTP/2 without TLS has to be known beforehand: there is no asking for it.</summary>
    public static ForwarderRequestConfig Http2 { get; } = new()
    {
        ActivityTimeout = ActivityTimeout,
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public static ForwarderRequestConfig Https { get; } = new()
    {
        ActivityTimeout = ActivityTimeout,
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    public static BackendState None { get; } = new([], Http1);
}

/// <summary>A Service's port, as requests see it: its endpoints, one after another.</summary>
internal sealed class Backend
{
    private volatile BackendState _state = BackendState.None;
    private uint _next;

    public BackendState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>A number that grows with each request, to begin with another endpoint each time.</summary>
    public uint Next() => Interlocked.Increment(ref _next);
}
