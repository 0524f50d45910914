using Kybernet.Api;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Makes the slices of a Service what they are to be, with as few writes as that takes.</summary>
internal sealed class EndpointSliceWriter(ApiClient client, Expectations expectations)
{
    /// <summary>Deletes what is no longer wanted, updates what differs, and makes what has no uid yet.</summary>
    /// <param name="key">The Service.</param>
    /// <param name="known">The slices there are.</param>
    /// <param name="wanted">The slices that there are to be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(NamespacedName key, IReadOnlyList<EndpointSlice> known, IReadOnlyList<EndpointSlice> wanted, CancellationToken cancellationToken)
    {
        var added = wanted.Where(static slice => slice.Metadata.Uid is null).ToList();
        var kept = wanted.Where(static slice => slice.Metadata.Uid is not null).ToDictionary(static slice => slice.Metadata.Uid!, StringComparer.Ordinal);
        foreach (var slice in known)
        {
            if (!kept.TryGetValue(slice.Metadata.Uid!, out var next))
            {
                await client.DeleteAsync<EndpointSlice>(key.Namespace, slice.Metadata.Name!, DeleteOptions.Empty, cancellationToken);
            }
            else if (!ModelJson.Same(slice, next))
            {
                await client.UpdateAsync(next, cancellationToken);
            }
        }
        if (added.Count > 0)
        {
            expectations.ExpectCreations(key, added.Count);
        }
        for (var i = 0; i < added.Count; i++)
        {
            try
            {
                await client.CreateAsync(added[i], cancellationToken);
            }
            catch (ApiException exception)
            {
                expectations.Forget(key);
                if (PodControl.IsNamespaceTerminating(exception))
                {
                    return;
                }
                throw;
            }
        }
    }
}
