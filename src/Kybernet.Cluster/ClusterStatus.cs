using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Kybernet.Cluster.Node;

namespace Kybernet.Cluster;

/// <summary>How a cluster is.</summary>
/// <param name="IsUp">Whether its API server is ready.</param>
/// <param name="Facts">What there is to say, in the order to say it.</param>
public sealed record ClusterStatus(bool IsUp, IReadOnlyList<KeyValuePair<string, string>> Facts);

/// <summary>Looks at a cluster from outside, as a client of its API.</summary>
/// <param name="time">The clock.</param>
public sealed class ClusterStatusReader(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads how the cluster is.</summary>
    /// <exception cref="ClusterException">The administrator's key cannot be read by who asks.</exception>
    public async Task<ClusterStatus> ReadAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        var facts = new List<KeyValuePair<string, string>> { new("data", data.Root) };
        var settings = ClusterSettings.Load(data);
        if (settings is null || ClusterLock.RunningProcess(data) is not { } pid)
        {
            facts.Add(new("cluster", settings is null ? "none" : "down"));
            if (new Containerd(data, time).IsRunning)
            {
                facts.Add(new("containers", "run on, without a control plane: the next 'up' finds them"));
            }
            return new ClusterStatus(false, facts);
        }

        facts.Add(new("process", string.Create(CultureInfo.InvariantCulture, $"{pid}")));
        facts.Add(new("server", string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{settings.HttpsPort}")));
        facts.Add(new("kubeconfig", data.Kubeconfig));
        try
        {
            using var client = CreateClient(data, settings);
            var ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            facts.Add(new("cluster", ready.IsSuccessStatusCode ? "up" : "not ready"));
            foreach (var node in await ItemsAsync(client, "/api/v1/nodes", cancellationToken))
            {
                facts.Add(new("node", $"{(string?)node!["metadata"]!["name"]} {(IsReady(node) ? "Ready" : "NotReady")}"));
            }
            var pods = await ItemsAsync(client, "/api/v1/pods", cancellationToken);
            facts.Add(new("pods", string.Create(CultureInfo.InvariantCulture, $"{pods.Count(IsReady)} of {pods.Count} ready")));
            return new ClusterStatus(ready.IsSuccessStatusCode, facts);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            facts.Add(new("cluster", $"does not answer: {e.Message}"));
            return new ClusterStatus(false, facts);
        }
    }

    private static bool IsReady(JsonNode? item) =>
        item?["status"]?["conditions"]?.AsArray().Any(static condition =>
            (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") ?? false;

    private static async Task<JsonArray> ItemsAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        response.EnsureSuccessStatusCode();
        var list = JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return list!["items"]?.AsArray() ?? [];
    }

    private static HttpClient CreateClient(DataDirectory data, ClusterSettings settings)
    {
        X509Certificate2 administrator;
        X509Certificate2 authority;
        try
        {
            administrator = X509Certificate2.CreateFromPemFile(Path.Combine(data.Pki, "admin.crt"), Path.Combine(data.Pki, "admin.key"));
            authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(data.Pki, "ca.crt"));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ClusterException($"the keys of {data.Root} cannot be read: {e.Message}", e) { Hint = "Run it as root: sudo" };
        }

        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [administrator],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => administrator,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{settings.HttpsPort}")),
            Timeout = Timeout,
        };
    }
}
