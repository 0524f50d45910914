using Kybernet.Api;
using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.BootstrapTokens;

/// <summary>Deletes bootstrap tokens when their time is over.</summary>
internal sealed class TokenCleaner(ApiClient client, ILister<Secret> secrets, TimeProvider time) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (secrets.Get(key) is not { } secret || BootstrapToken.ExpirationOf(secret) is not { } expiration)
        {
            return Requeue.OnChange;
        }
        var remaining = expiration - time.GetUtcNow();
        if (remaining > TimeSpan.Zero)
        {
            return Requeue.In(remaining);
        }
        var options = new DeleteOptions { Preconditions = new Preconditions { Uid = secret.Metadata.Uid, ResourceVersion = secret.Metadata.ResourceVersion } };
        await client.DeleteAsync<Secret>(key.Namespace, key.Name, options, cancellationToken);
        return Requeue.OnChange;
    }
}
