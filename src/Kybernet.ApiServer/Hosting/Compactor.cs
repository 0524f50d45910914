using System.Globalization;
using System.Text;
using Kybernet.Store;

namespace Kybernet.ApiServer.Hosting;

/// <summary>
/// Lets the store forget what is long past. Servers of one store take turns by a key that each writes before it compacts, the same as upstream's:
/// who finds that another has written it since leaves this period to them.
/// </summary>
internal sealed class Compactor(IStore store)
{
    private const string TurnKey = "compact_rev_key";

    private long _turn;
    private long _revision;

    /// <summary>Compacts to where the store was at the last call, unless another server has done so in between.</summary>
    /// <exception cref="StoreException">The store cannot be reached; the next call makes up for it.</exception>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        var value = Encoding.UTF8.GetBytes(_revision.ToString(CultureInfo.InvariantCulture));
        var result = await store.WriteAsync(new Write(TurnKey, value, _turn), cancellationToken);
        var past = result.Succeeded ? _revision : 0;
        _turn = result.Current?.ModRevision ?? 0;
        _revision = result.Revision;
        if (past > 0)
        {
            await store.CompactAsync(past, cancellationToken);
        }
    }
}
