using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Audit;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Hosting;

/// <summary>What an API server needs to know.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The port that API servers are usually found at; what is told of one that listens nowhere.</summary>
    public const int UsualPort = 6443;

    /// <summary>Where to listen; null to serve only the process that it is in.</summary>
    public ListenOptions? Listen { get; init; }

    /// <summary>Who signs the certificates that clients prove who they are with; empty for no such clients.</summary>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>The private key that ServiceAccount tokens are signed with, as PEM.</summary>
    public required string ServiceAccountKeyPem { get; init; }

    /// <summary>Who tokens say they are from, and whom they are for where nobody says.</summary>
    public string ServiceAccountIssuer { get; init; } = "https://kubernetes.default.svc.cluster.local";

    /// <summary>How the server proves to kubelets who it is; null where there are no nodes.</summary>
    public X509Certificate2? KubeletClientCertificate { get; init; }

    /// <summary>Who signs the kubelets' serving certificates; empty to trust none.</summary>
    public X509Certificate2Collection KubeletAuthorities { get; init; } = [];

    /// <summary>How the server proves to servers that extend it that it may name users; null for not at all.</summary>
    public X509Certificate2? FrontProxyClientCertificate { get; init; }

    /// <summary>Who signs certificates of that kind; those servers are told, and whoever has such a certificate may name users to this server too.</summary>
    public X509Certificate2Collection FrontProxyAuthorities { get; init; } = [];

    /// <summary>Whether the server sees to the objects that every cluster has when it starts; false where the store is known to have them.</summary>
    public bool Bootstraps { get; init; } = true;

    /// <summary>How soon after events of a watch were sent the next ones may be: those of an interval go out together. Zero for each at once.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Stands in for the network between the server and the kubelets; null for the network.</summary>
    public HttpMessageHandler? KubeletHandler { get; init; }

    /// <summary>Is told of every request that was answered, once its answer is known; of a watch, when it opens. It must be quick and not throw.</summary>
    public Action<ApiRequest, ApiResponse>? Observe { get; init; }

    /// <summary>The addresses that Services get theirs from; the first is the API's own Service.</summary>
    public string ServiceCidr { get; init; } = "10.96.0.0/12";

    /// <summary>The ports that NodePort Services get theirs from, both ends included.</summary>
    public (int First, int Last) NodePorts { get; init; } = (30000, 32767);

    /// <summary>How many requests are answered at a time, and how they take turns.</summary>
    public FlowControlOptions FlowControl { get; init; } = new();

    /// <summary>By what users may prove who they are.</summary>
    public AuthenticationOptions Authentication { get; init; } = new();

    /// <summary>Which requests are recorded, and where.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>What is said about admission plugins.</summary>
    public AdmissionOptions Admission { get; init; } = new();

    /// <summary>The address that the API's own Service leads to.</summary>
    public IPAddress AdvertiseAddress { get; init; } = IPAddress.Loopback;
}

/// <summary>How many requests an API server answers at a time. Requests that last, such as watches, do not count.</summary>
public sealed record FlowControlOptions
{
    /// <summary>Whether requests take turns by their priority level and flow (KEP-1040); otherwise those beyond the limits are turned away.</summary>
    public bool PriorityAndFairness { get; init; } = true;

    /// <summary>How many requests that change nothing; with <see cref="MaxMutatingRequestsInFlight"/> what priority levels share. 0 for any number.</summary>
    public int MaxRequestsInFlight { get; init; } = 400;

    /// <summary>How many requests that change something. 0 for any number.</summary>
    public int MaxMutatingRequestsInFlight { get; init; } = 200;
}

/// <summary>Where an API server listens.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; 0 for any that is free.</param>
/// <param name="Certificate">How the server proves to clients who it is.</param>
public sealed record ListenOptions(IPAddress Address, int Port, X509Certificate2 Certificate);
