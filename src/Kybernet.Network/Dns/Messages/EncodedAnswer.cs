namespace Kybernet.Network.Dns.Messages;

/// <summary>
/// What follows the question in an answer, as bytes, made once for a name and a type. Its pointers count on standing behind a question of that name,
/// whose length they know; however the question spells the name, the same bytes fit.
/// </summary>
/// <param name="Code">What became of the question.</param>
/// <param name="IsAuthoritative">Whether the zone is the server's own.</param>
/// <param name="Records">All records, one after another.</param>
/// <param name="Ends">Where each record ends.</param>
/// <param name="Answers">How many of them answer.</param>
/// <param name="Authorities">How many of them, after those, tell of the zone.</param>
internal sealed record EncodedAnswer(ResponseCode Code, bool IsAuthoritative, byte[] Records, int[] Ends, int Answers, int Authorities)
{
    /// <summary>The size of a record where all records are addresses of the question's name, which may be sent in any order; else 0.</summary>
    public int RotatableSize { get; init; }

    /// <summary>Where the time to live of each record is, for answers that grow old.</summary>
    public required int[] TtlOffsets { get; init; }
}
