using System.Buffers;
using Kybernet.Api;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Rest;

/// <summary>Sends objects as tables of one row; the first tells the columns.</summary>
internal sealed class TableWatchEncoder(TableDefinition table, string includeObject, TimeProvider time) : WatchEncoder
{
    private bool _toldColumns;

    /// <inheritdoc/>
    protected override void WriteObject(IBufferWriter<byte> output, EncodedObject item)
    {
        output.Write(Projection.Build(writer =>
            Projection.WriteTable(writer, [item], table, includeObject, null, !_toldColumns, time.GetUtcNow())));
        _toldColumns = true;
    }

    /// <inheritdoc/>
    protected override string Bookmark(long revision, bool endsInitialEvents) =>
        $$$"""{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"{{{revision}}}"},"columnDefinitions":null,"rows":[{"cells":null,"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{{{BookmarkMetadata(revision, endsInitialEvents)}}}}}]}""";
}

/// <summary>Sends objects' metadata alone.</summary>
internal sealed class MetadataWatchEncoder : WatchEncoder
{
    /// <inheritdoc/>
    protected override void WriteObject(IBufferWriter<byte> output, EncodedObject item) =>
        output.Write(Projection.Build(writer => Projection.WriteMetadata(writer, item)));

    /// <inheritdoc/>
    protected override string Bookmark(long revision, bool endsInitialEvents) =>
        $$$"""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{{{BookmarkMetadata(revision, endsInitialEvents)}}}}""";
}
