using Kybernet.Api;
using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.BootstrapTokens;

/// <summary>
/// Signs what <c>kube-public/cluster-info</c> says with each bootstrap token: a machine that has a token, and nothing else of the cluster, can tell by the
/// signature that the address and authority it reads there are the cluster's.
/// </summary>
internal sealed class BootstrapSigner(ApiClient client, ILister<ConfigMap> maps, ILister<Secret> secrets, TimeProvider time) : IReconciler
{
    public const string Namespace = "kube-public";
    public const string Name = "cluster-info";
    private const string Payload = "kubeconfig";
    private const string SignaturePrefix = "jws-kubeconfig-";

    public static NamespacedName Key { get; } = new(Namespace, Name);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (maps.Get(Key) is not { } map || !map.Data.TryGetValue(Payload, out var text))
        {
            return Requeue.OnChange;
        }
        var data = map.Data.Where(static entry => !entry.Key.StartsWith(SignaturePrefix, StringComparison.Ordinal))
            .ToDictionary(static entry => entry.Key, static entry => entry.Value, StringComparer.Ordinal);
        foreach (var secret in secrets.List())
        {
            if (BootstrapToken.Of(secret) is { } token && BootstrapToken.IsFor(secret, "signing") && !(time.GetUtcNow() >= BootstrapToken.ExpirationOf(secret)))
            {
                data[SignaturePrefix + token.Id] = token.Sign(text);
            }
        }
        var signed = map with { Data = data };
        if (!ModelJson.Same(map, signed))
        {
            await client.UpdateAsync(signed, cancellationToken);
        }
        return Requeue.OnChange;
    }
}
