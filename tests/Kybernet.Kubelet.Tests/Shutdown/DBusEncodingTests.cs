using Kybernet.Kubelet.DBus;

namespace Kybernet.Kubelet.Tests.Shutdown;

public sealed class DBusEncodingTests
{
    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        var sent = new DBusMessage(DBusMessageType.Error)
        {
            Serial = 7, ReplySerial = 3, Path = "/a/b", Interface = "i.j", Member = "M", ErrorName = "e.f", Destination = ":1.2", Signature = "sb", Body = new DBusWriter().Text("why").Boolean(true).Written,
        };

        var bytes = DBusEncoding.Encode(sent);
        var read = DBusEncoding.Decode(bytes);

        Assert.Equal(bytes.Length, DBusEncoding.LengthOf(bytes.Span[..DBusEncoding.PreambleLength]));
        Assert.Equal(sent with { Body = default }, read with { Body = default });
        var body = new DBusReader(read);
        Assert.Equal(("why", true), (body.Text(), body.Boolean()));
        Assert.Throws<DBusException>(() => body.Byte());
    }

    [Fact]
    public void The_preamble_is_laid_out_as_the_specification_says() => Assert.Equal(
        "6C 01 00 01 04 00 00 00 07 00 00 00 17 00 00 00 01 01 6F 00 02 00 00 00 2F 61 00 00 00 00 00 00 08 01 67 00 01",
        string.Join(' ', DBusEncoding.Encode(new DBusMessage(DBusMessageType.MethodCall) { Serial = 7, Path = "/a", Signature = "u", Body = new DBusWriter().UInt32(5).Written })
            .ToArray()[..37].Select(static value => value.ToString("X2", null))));

    [Theory]
    [InlineData(new byte[] { 66, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 108, 1, 0, 1, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0 })]
    public void What_is_no_message_is_refused(byte[] preamble) => Assert.Throws<DBusException>(() => DBusEncoding.LengthOf(preamble));
}
