using System.Buffers;
using System.Text;
using Kybernet.Api;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Rest;

/// <summary>Writes what a watch sends: a JSON object a line. The objects' bytes are the cache's own; only the frame around them is written here.</summary>
internal abstract class WatchEncoder
{
    /// <summary>Writes one item.</summary>
    public void Write(IBufferWriter<byte> output, WatchItem item)
    {
        output.Write(item.Type switch
        {
            WatchItemType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            WatchItemType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            WatchItemType.Deleted => "{\"type\":\"DELETED\",\"object\":"u8,
            _ => "{\"type\":\"BOOKMARK\",\"object\":"u8,
        });
        if (item.Object is not null)
        {
            WriteObject(output, item.Object);
        }
        else
        {
            output.Write(Encoding.UTF8.GetBytes(Bookmark(item.Revision, item.Type == WatchItemType.InitialEventsEnd)));
        }
        output.Write("}\n"u8);
    }

    /// <summary>Writes one object in the form that the client asked for.</summary>
    protected abstract void WriteObject(IBufferWriter<byte> output, EncodedObject item);

    /// <summary>The object of a bookmark: nothing but the revision that the watch has reached.</summary>
    protected abstract string Bookmark(long revision, bool endsInitialEvents);

    /// <summary>The metadata of a bookmark, as JSON.</summary>
    protected static string BookmarkMetadata(long revision, bool endsInitialEvents) => endsInitialEvents
        ? $$$"""{"resourceVersion":"{{{revision}}}","creationTimestamp":null,"annotations":{"k8s.io/initial-events-end":"true"}}"""
        : $$$"""{"resourceVersion":"{{{revision}}}","creationTimestamp":null}""";
}

/// <summary>Sends objects as they are.</summary>
internal sealed class ObjectWatchEncoder(ResourceEndpoint endpoint) : WatchEncoder
{
    /// <inheritdoc/>
    protected override void WriteObject(IBufferWriter<byte> output, EncodedObject item) => output.Write(endpoint.Present(item).Json.Span);

    /// <inheritdoc/>
    protected override string Bookmark(long revision, bool endsInitialEvents) =>
        $$$"""{"kind":"{{{endpoint.Kind.Kind}}}","apiVersion":"{{{endpoint.Kind.GroupVersion}}}","metadata":{{{BookmarkMetadata(revision, endsInitialEvents)}}}}""";
}
