namespace Kybernet.ApiServer.FlowControl;

/// <summary>Deals each flow the same few of a level's queues: flows that share one seldom share the others, so a busy one crowds out few.</summary>
internal static class ShuffleSharding
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The flow of a schema's requests that have the same distinguisher (FNV-1a).</summary>
    public static ulong HashOf(string schema, string distinguisher) => Mix(Mix(Mix(OffsetBasis, schema), "\0"), distinguisher);

    /// <summary>Deals a hand of different queues.</summary>
    /// <param name="hash">The flow.</param>
    /// <param name="queues">How many queues there are.</param>
    /// <param name="hand">What is dealt: their indices, in order; not longer than there are queues.</param>
    public static void Deal(ulong hash, int queues, Span<int> hand)
    {
        for (var dealt = 0; dealt < hand.Length; dealt++)
        {
            var left = (ulong)(queues - dealt);
            var card = (int)(hash % left);
            hash /= left;
            // The card's place among those that are left, told as its place among all: past each smaller one that has been dealt.
            var at = 0;
            for (; at < dealt && hand[at] <= card; at++)
            {
                card++;
            }
            hand[at..dealt].CopyTo(hand[(at + 1)..]);
            hand[at] = card;
        }
    }

    private static ulong Mix(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }
        return hash;
    }
}
