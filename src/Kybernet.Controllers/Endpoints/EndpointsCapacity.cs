using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Cuts Endpoints off where they would grow beyond what one object should hold: those who want all of them read EndpointSlices.</summary>
internal static class EndpointsCapacity
{
    /// <summary>The addresses that an Endpoints object holds at most.</summary>
    public const int MaxAddresses = 1000;

    /// <summary>Says that an object does not hold all addresses.</summary>
    public const string Annotation = "endpoints.kubernetes.io/over-capacity";

    /// <summary>The annotation's value.</summary>
    public const string Truncated = "truncated";

    /// <summary>The subsets, each with its share of what there is room for; addresses that are ready come before any that is not.</summary>
    /// <returns>The subsets, and whether anything was left out.</returns>
    public static (IReadOnlyList<EndpointSubset> Subsets, bool IsTruncated) Fit(IReadOnlyList<EndpointSubset> subsets)
    {
        var ready = subsets.Sum(static subset => subset.Addresses.Count);
        var notReady = subsets.Sum(static subset => subset.NotReadyAddresses.Count);
        if (ready + notReady <= MaxAddresses)
        {
            return (subsets, false);
        }
        var readyRoom = Math.Min(ready, MaxAddresses);
        var readyShares = Shares([.. subsets.Select(static subset => subset.Addresses.Count)], readyRoom);
        var notReadyShares = Shares([.. subsets.Select(static subset => subset.NotReadyAddresses.Count)], MaxAddresses - readyRoom);
        return ([.. subsets
            .Select((subset, index) => subset with
            {
                Addresses = [.. subset.Addresses.Take(readyShares[index])],
                NotReadyAddresses = [.. subset.NotReadyAddresses.Take(notReadyShares[index])],
            })
            .Where(static subset => subset.Addresses.Count + subset.NotReadyAddresses.Count > 0)], true);
    }

    /// <summary>Divides room in proportion; what rounding leaves over goes to the first that have more.</summary>
    private static int[] Shares(int[] counts, int room)
    {
        var total = counts.Sum();
        var shares = counts.Select(count => total == 0 ? 0 : (int)((long)count * Math.Min(room, total) / total)).ToArray();
        for (var left = Math.Min(room, total) - shares.Sum(); left > 0;)
        {
            for (var i = 0; i < shares.Length && left > 0; i++)
            {
                if (shares[i] < counts[i])
                {
                    shares[i]++;
                    left--;
                }
            }
        }
        return shares;
    }
}
