using System.Globalization;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>What a driver is told with a volume besides what the volume says: secrets, who the pod is, and tokens of its account.</summary>
internal sealed class CsiPublishing(ApiClient client, ServiceAccountTokens tokens)
{
    private const string TokensKey = "csi.storage.k8s.io/serviceAccount.tokens";

    /// <summary>The content of a secret, as text; nothing where there is no secret.</summary>
    /// <param name="field">How upstream calls the reference.</param>
    /// <param name="reference">The secret.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VolumeException">There is none of that name.</exception>
    public async Task<Dictionary<string, string>> ReadSecretAsync(string field, SecretReference? reference, CancellationToken cancellationToken)
    {
        if (reference is null)
        {
            return [];
        }
        var (@namespace, name) = (reference.Namespace ?? "", reference.Name ?? "");
        var secret = await client.FindAsync<Secret>(@namespace, name, cancellationToken)
            ?? throw new VolumeException($"fetching {field} {@namespace}/{name} failed: secrets \"{name}\" not found");
        return secret.Data.ToDictionary(static entry => entry.Key, static entry => System.Text.Encoding.UTF8.GetString(entry.Value.Span), StringComparer.Ordinal);
    }

    /// <summary>Adds to what the driver is told what its CSIDriver asks for.</summary>
    public async Task AddAsync(
        CSIDriver? driver, Pod pod, CsiVolume volume, IDictionary<string, string> context, IDictionary<string, string> secrets, CancellationToken cancellationToken)
    {
        if (driver?.Spec.PodInfoOnMount == true)
        {
            context["csi.storage.k8s.io/pod.name"] = pod.Metadata.Name ?? "";
            context["csi.storage.k8s.io/pod.namespace"] = pod.Metadata.Namespace ?? "";
            context["csi.storage.k8s.io/pod.uid"] = pod.Metadata.Uid ?? "";
            context["csi.storage.k8s.io/serviceAccount.name"] = pod.Spec.ServiceAccountName ?? "";
            context["csi.storage.k8s.io/ephemeral"] = volume.IsEphemeral ? "true" : "false";
        }
        if (driver?.Spec.TokenRequests.Count > 0)
        {
            var target = driver.Spec.ServiceAccountTokenInSecrets == true ? secrets : context;
            target[TokensKey] = await TokensAsync(driver.Spec.TokenRequests, pod, cancellationToken);
        }
    }

    private async Task<string> TokensAsync(IReadOnlyList<Api.Storage.V1.TokenRequest> requests, Pod pod, CancellationToken cancellationToken)
    {
        var all = new JsonObject();
        foreach (var request in requests)
        {
            var token = await tokens.FindAsync(pod, request.Audience, request.ExpirationSeconds, cancellationToken);
            all[request.Audience] = new JsonObject
            {
                ["token"] = JsonValue.Create(token.Token),
                ["expirationTimestamp"] = JsonValue.Create(token.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
            };
        }
        return all.ToJsonString();
    }
}
