using System.Text;

namespace Kybernet.Store.Memory;

/// <summary>One moment of a <see cref="MemoryStore"/>: every key with its newest value, and the leases.</summary>
internal sealed record MemorySnapshot(long Revision, IReadOnlyList<KeyValue> Items, IReadOnlyList<(long Id, TimeSpan TimeToLive)> Leases)
{
    private const string Magic = "kybernet memory store 1";

    public async Task WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(Revision);
            writer.Write(Leases.Count);
            foreach (var (id, timeToLive) in Leases)
            {
                writer.Write(id);
                writer.Write(timeToLive.Ticks);
            }
            writer.Write(Items.Count);
            foreach (var item in Items)
            {
                writer.Write(item.Key);
                writer.Write(item.CreateRevision);
                writer.Write(item.ModRevision);
                writer.Write(item.Version);
                writer.Write(item.Lease);
                writer.Write(item.Value.Length);
                writer.Write(item.Value.Span);
            }
        }
        await destination.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
    }

    /// <exception cref="StoreFormatException">The stream is not a whole snapshot.</exception>
    public static async Task<MemorySnapshot> ReadAsync(Stream source, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await source.CopyToAsync(buffer, cancellationToken);
        buffer.Position = 0;
        using var reader = new BinaryReader(buffer, Encoding.UTF8);
        try
        {
            if (reader.ReadString() != Magic)
            {
                throw new StoreFormatException("this is not a snapshot of a store in memory");
            }
            var revision = reader.ReadInt64();
            var leases = new (long, TimeSpan)[reader.ReadInt32()];
            for (var i = 0; i < leases.Length; i++)
            {
                leases[i] = (reader.ReadInt64(), TimeSpan.FromTicks(reader.ReadInt64()));
            }
            var items = new KeyValue[reader.ReadInt32()];
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = ReadItem(reader);
            }
            return new MemorySnapshot(revision, items, leases);
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or OverflowException)
        {
            throw new StoreFormatException("the snapshot is not whole", exception);
        }
    }

    private static KeyValue ReadItem(BinaryReader reader)
    {
        var key = reader.ReadString();
        var (created, modified, version, lease) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        var length = reader.ReadInt32();
        var value = reader.ReadBytes(length);
        return value.Length == length ? new KeyValue(key, value, created, modified, version, lease) : throw new EndOfStreamException();
    }
}
