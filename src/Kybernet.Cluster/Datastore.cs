using System.Text.Json.Nodes;
using Kybernet.Store.Etcd;

namespace Kybernet.Cluster;

/// <summary>The etcd that keeps a cluster's objects, in place of the store that is in the program.</summary>
/// <param name="Endpoints">Its members, separated by commas, as in <c>https://10.0.0.1:2379</c>.</param>
public sealed record Datastore(string Endpoints)
{
    /// <summary>A file with the authorities (PEM) of the members' certificates; null for those of the machine.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>A file with the certificate (PEM) that etcd knows this server by; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A file with that certificate's private key (PEM).</summary>
    public string? KeyFile { get; init; }

    /// <summary>What was chosen at an earlier start; null for the store in the program.</summary>
    internal static Datastore? Read(JsonObject settings) => settings["datastore"] is not JsonObject json
        ? null
        : new Datastore(Text(json, "endpoints") ?? throw new FormatException("datastore.endpoints is missing"))
        {
            AuthorityFile = Text(json, "caFile"),
            CertificateFile = Text(json, "certFile"),
            KeyFile = Text(json, "keyFile"),
        };

    /// <summary>Keeps the choice.</summary>
    internal void Write(JsonObject settings) => settings["datastore"] = new JsonObject
    {
        ["endpoints"] = JsonValue.Create(Endpoints),
        ["caFile"] = JsonValue.Create(AuthorityFile),
        ["certFile"] = JsonValue.Create(CertificateFile),
        ["keyFile"] = JsonValue.Create(KeyFile),
    };

    /// <summary>The way to it.</summary>
    /// <exception cref="ClusterException">An endpoint is none, or a certificate is without its key.</exception>
    internal EtcdStoreOptions ToStoreOptions(TimeProvider time)
    {
        if (CertificateFile is null != KeyFile is null)
        {
            throw new ClusterException("a client certificate for the datastore needs its key, and a key its certificate") { Hint = "Give both: --datastore-certfile FILE --datastore-keyfile FILE" };
        }
        return new EtcdStoreOptions
        {
            Endpoints = [.. Endpoints.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Endpoint)],
            AuthorityFile = AuthorityFile,
            CertificateFile = CertificateFile,
            KeyFile = KeyFile,
            TimeProvider = time,
        };
    }

    private static string? Text(JsonObject json, string field) => json[field]?.GetValue<string>();

    private static Uri Endpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && (endpoint.Scheme == Uri.UriSchemeHttps || endpoint.Scheme == Uri.UriSchemeHttp)
            ? endpoint
            : throw new ClusterException($"\"{text}\" is no endpoint of etcd") { Hint = "Endpoints are URLs, separated by commas: --datastore-endpoint https://10.0.0.1:2379,https://10.0.0.2:2379" };
}
