using Kybernet.Api;
using Kybernet.Client;

namespace Kybernet.Controllers.LocalPath;

/// <summary>Makes the class where it is missing.</summary>
internal sealed class LocalPathClass(ApiClient client) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(LocalPathProvisioner.Class, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            // of an earlier start, and as the user may have changed it
        }
        return Requeue.OnChange;
    }
}
