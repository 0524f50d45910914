using Kybernet.Api;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>Estimates how much of the server a request takes: a long list takes as much as several small requests.</summary>
internal sealed class SeatEstimator(StoreFollower follower)
{
    private const int ObjectsPerSeat = 100;

    /// <summary>The most seats that one request takes.</summary>
    public const int MaxSeats = 10;

    /// <summary>How many seats a request takes of a level.</summary>
    /// <param name="request">The request.</param>
    /// <param name="levelSeats">How many the level has: no request takes more than a sixth of them.</param>
    public int SeatsOf(ApiRequest request, int levelSeats)
    {
        if (request.Info is not { IsResourceRequest: true, Verb: "list" })
        {
            return 1;
        }
        var objects = follower.Count(new GroupResource(request.Info.ApiGroup, request.Info.Resource));
        // A page costs what is on it, unless most of what is looked at is left out of it.
        if (!request.Query.ContainsKey("fieldSelector") && !request.Query.ContainsKey("labelSelector") && int.TryParse(request.Query["limit"], out var limit) && limit > 0)
        {
            objects = Math.Min(objects, limit);
        }
        return Math.Clamp((objects + ObjectsPerSeat - 1) / ObjectsPerSeat, 1, Math.Clamp(levelSeats / 6, 1, MaxSeats));
    }
}
