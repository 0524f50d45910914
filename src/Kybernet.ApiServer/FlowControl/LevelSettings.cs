using Kybernet.Api.Flowcontrol.V1;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>What a priority level's object comes to on this server.</summary>
/// <param name="IsExempt">Whether its requests go on at once.</param>
/// <param name="Nominal">Its seats where no level lends any.</param>
/// <param name="Lower">What is left where it lends all that it may.</param>
/// <param name="Upper">What it has where it borrows all that it may.</param>
/// <param name="Queues">Its number of queues; 0 where requests that find no seat are turned away.</param>
/// <param name="HandSize">How many of the queues a flow may use.</param>
/// <param name="QueueLength">How many requests may wait in one.</param>
internal sealed record LevelSettings(bool IsExempt, int Nominal, int Lower, int Upper, int Queues, int HandSize, int QueueLength)
{
    private const int DefaultShares = 30;
    private const int DefaultQueues = 64;
    private const int DefaultHandSize = 8;
    private const int DefaultQueueLength = 50;

    /// <summary>The shares that a level asks for of the server's seats.</summary>
    public static int SharesOf(PriorityLevelConfigurationSpec spec) =>
        spec.Type == "Exempt" ? spec.Exempt?.NominalConcurrencyShares ?? 0 : spec.Limited?.NominalConcurrencyShares ?? DefaultShares;

    /// <summary>Works out a level's settings.</summary>
    /// <param name="spec">The level.</param>
    /// <param name="allShares">The shares of all levels.</param>
    /// <param name="serverSeats">How many seats the server has.</param>
    public static LevelSettings Of(PriorityLevelConfigurationSpec spec, int allShares, int serverSeats)
    {
        var nominal = (int)Math.Ceiling((double)serverSeats * SharesOf(spec) / Math.Max(1, allShares));
        if (spec.Type == "Exempt")
        {
            return new LevelSettings(true, nominal, Unlent(nominal, spec.Exempt?.LendablePercent), serverSeats, 0, 0, 0);
        }
        var lower = Unlent(nominal, spec.Limited?.LendablePercent);
        var upper = spec.Limited?.BorrowingLimitPercent is { } percent ? nominal + (int)Math.Round(nominal * percent / 100.0) : serverSeats;
        var response = spec.Limited?.LimitResponse;
        if (response?.Type != "Queue")
        {
            return new LevelSettings(false, nominal, lower, upper, 0, 0, 0);
        }
        var queues = response.Queuing?.Queues ?? DefaultQueues;
        return new LevelSettings(
            false, nominal, lower, upper, queues, Math.Min(queues, response.Queuing?.HandSize ?? DefaultHandSize), response.Queuing?.QueueLengthLimit ?? DefaultQueueLength);
    }

    private static int Unlent(int nominal, int? lendablePercent) => nominal - (int)Math.Round(nominal * (lendablePercent ?? 0) / 100.0);
}
