/* The file system: folders, files, names, space, transmission, what survives power-off. */
#include "sim/modem/fs.h"
#include "sim/modem/modem_int.h"
#include "sim/modem/modem_rig.h"

/* A file with that content. */
#define STORE(r, path, len, content)                                                               \
    (SAY((r), "AT+CFTRANRX=\"" path "\"," #len "\r", "\r\n>"), SAY((r), content, OKAY))

static void folders(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+FSCD=?;+FSMKDIR=?;+FSRMDIR=?\r", OKAY);
    SAY(&r, "AT+FSCD?\r", LN("+FSCD: C:/") OKAY);
    SAY(&r, "AT+FSCD=E:\r", LN("+FSCD: E:/") OKAY);
    SAY(&r, "AT+FSCD=c:/\r", LN("+FSCD: C:/") OKAY);
    SAY(&r, "AT+FSCD=..\r", LN("+FSCD: C:/") OKAY);
    SAY(&r, "AT+FSCD=SIMTech\r", ERR);
    SAY(&r, "AT+FSMKDIR=SIMTech\r", OKAY);
    SAY(&r, "AT+FSMKDIR=SIMTech\r", ERR);
    SAY(&r, "AT+FSMKDIR=no/such\r", ERR);
    SAY(&r, "AT+FSLS?\r", LN("+FSLS: SUBDIRECTORIES:1,FILES:0") OKAY);
    SAY(&r, "AT+FSCD=SIMTech\r", LN("+FSCD: C:/SIMTech/") OKAY);
    SAY(&r, "AT+FSMKDIR=\"deep\"\r", OKAY);
    SAY(&r, "AT+FSCD=deep/../deep/.\r", LN("+FSCD: C:/SIMTech/deep/") OKAY);
    SAY(&r, "AT+FSRMDIR=C:/SIMTech/deep\r", ERR); /* the current one */
    SAY(&r, "AT+FSRMDIR=C:/SIMTech\r", ERR);
    SAY(&r, "AT+FSCD=C:\r", LN("+FSCD: C:/") OKAY);
    SAY(&r, "AT+FSRMDIR=SIMTech\r", ERR); /* not empty */
    SAY(&r, "AT+FSRMDIR=SIMTech/deep;+FSRMDIR=SIMTech\r", OKAY);
    SAY(&r, "AT+FSRMDIR=SIMTech\r", ERR);
    SAY(&r, "AT+FSRMDIR=C:\r", ERR);
    SAY(&r, "AT+FSCD=G:\r", ERR);
    SAY(&r, "AT+FSCD=F:;+FSLS\r", LN("+FSCD: F:/") OKAY);
    rig_end(&r);
}

static void lists(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+FSLS=?\r", LN("+FSLS: (0-2)") OKAY);
    SAY(&r, "AT+FSLS\r", OKAY);
    SAY(&r, "AT+FSLS?\r", LN("+FSLS: SUBDIRECTORIES:0,FILES:0") OKAY);
    SAY(&r, "AT+FSMKDIR=SecondDir;+FSMKDIR=FirstDir;+FSMKDIR=FirstDir/inner\r", OKAY);
    SAY(&r, "AT+FSLS\r", "\r\n+FSLS: SUBDIRECTORIES:\r\nFirstDir\r\nSecondDir\r\n" OKAY);
    STORE(&r, "C:/image_1.jpg", 1, "b");
    STORE(&r, "C:/image_0.jpg", 2, "aa");
    STORE(&r, "C:/FirstDir/other.jpg", 1, "c");
    SAY(&r, "AT+FSLS\r",
        "\r\n+FSLS: SUBDIRECTORIES:\r\nFirstDir\r\nSecondDir\r\n"
        "\r\n+FSLS: FILES:\r\nimage_0.jpg\r\nimage_1.jpg\r\n" OKAY);
    SAY(&r, "AT+FSLS=0\r",
        "\r\n+FSLS: SUBDIRECTORIES:\r\nFirstDir\r\nSecondDir\r\n"
        "\r\n+FSLS: FILES:\r\nimage_0.jpg\r\nimage_1.jpg\r\n" OKAY);
    SAY(&r, "AT+FSLS=1\r", "\r\n+FSLS: SUBDIRECTORIES:\r\nFirstDir\r\nSecondDir\r\n" OKAY);
    SAY(&r, "AT+FSLS=2\r", "\r\n+FSLS: FILES:\r\nimage_0.jpg\r\nimage_1.jpg\r\n" OKAY);
    SAY(&r, "AT+FSLS?\r", LN("+FSLS: SUBDIRECTORIES:2,FILES:2") OKAY);
    SAY(&r, "AT+FSCD=FirstDir;+FSLS\r",
        LN("+FSCD: C:/FirstDir/") "\r\n+FSLS: SUBDIRECTORIES:\r\ninner\r\n"
                                  "\r\n+FSLS: FILES:\r\nother.jpg\r\n" OKAY);
    SAY(&r, "AT+FSCD=E:;+FSLS?\r", LN("+FSCD: E:/") LN("+FSLS: SUBDIRECTORIES:0,FILES:0") OKAY);
    rig_end(&r);
}

static void one_name_is_a_file_or_a_folder(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    STORE(&r, "C:/a", 1, "x");
    SAY(&r, "AT+FSMKDIR=a\r", ERR);
    SAY(&r, "AT+FSCD=a\r", ERR);
    SAY(&r, "AT+FSMKDIR=b\r", OKAY);
    SAY(&r, "AT+FSATTRI=b\r", ERR);
    SAY(&r, "AT+FSDEL=b\r", ERR);
    SAY(&r, "AT+FSRENAME=a,b\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"C:/b\",1\r", "\r\n>");
    SAY(&r, "x", ERR);
    rig_end(&r);
}

static void names(void **state)
{
    (void)state;
    static const char *const bad[] = { ".a",  " a", "-a",  "a.",   "a*", "a?b",
                                       "a|b", "a<", "a>b", "a\\b", "b:", "C:/a//b:" };
    struct rig r;
    rig_start_quiet(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char line[80];
        (void)snprintf(line, sizeof line, "AT+FSMKDIR=\"%s\"\r", bad[i]);
        rig_type(&r, span_str(line));
        rig_said(&r, span_str(ERR), bad[i], __FILE__, __LINE__);
    }
    SAY(&r, "AT+FSMKDIR=\"a b (1)\";+FSMKDIR=_x;+FSMKDIR=0\r", OKAY);
    /* UTF-8 in hexadecimal digits: 测试 */
    SAY(&r, "AT+FSMKDIR={non-ascii}\"E6B58BE8AF95\"\r", OKAY);
    SAY(&r, "AT+FSLS=1\r",
        "\r\n+FSLS: SUBDIRECTORIES:\r\n0\r\n_x\r\na b (1)\r\n\xE6\xB5\x8B\xE8\xAF\x95\r\n" OKAY);
    SAY(&r, "AT+FSCD={non-ascii}\"E6B58BE8AF95\"\r",
        LN("+FSCD: C:/\xE6\xB5\x8B\xE8\xAF\x95/") OKAY);
    SAY(&r, "AT+FSCD={non-ascii}\"0A\"\r", ERR);
    rig_end(&r);
}

/* 254 characters are a path, one more is none. */
static void the_longest_path(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    for (unsigned n = 250; n <= 252; n++) {
        char line[320] = "AT+CFTRANRX=\"C:/";
        memset(line + strlen(line), 'x', n);
        (void)snprintf(line + strlen(line), 16, "\",0\r");
        rig_type(&r, span_str(line));
        rig_said(&r, span_str(n <= 251 ? OKAY : ERR), "path", __FILE__, __LINE__);
    }
    SAY(&r, "AT+FSLS?\r", LN("+FSLS: SUBDIRECTORIES:0,FILES:2") OKAY);
    char name[201] = "";
    char line[300];
    memset(name, 'y', sizeof name - 1);
    (void)snprintf(line, sizeof line, "AT+FSMKDIR=%s\r", name);
    rig_type(&r, span_str(line));
    SAID(&r, OKAY);
    (void)snprintf(line, sizeof line, "AT+FSCD=%s\r", name);
    rig_type(&r, span_str(line));
    buf_clear(&r.said);
    (void)snprintf(line, sizeof line, "AT+FSMKDIR=%s\r",
                   name); /* relative, and too long together */
    rig_type(&r, span_str(line));
    SAID(&r, ERR);
    rig_end(&r);
}

static void files(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+FSDEL=?;+FSRENAME=?;+FSATTRI=?;+FSMEM=?;+FSCOPY=?\r", OKAY);
    SAY(&r, "AT+FSATTRI=a.txt\r", ERR);
    SAY(&r, "AT+FSDEL=a.txt\r", ERR);
    SAY(&r, "AT+FSMEM\r", LN("+FSMEM: C:(11348480, 2201600)") OKAY);
    STORE(&r, "C:/a.txt", 5, "a\r\n>b");
    SAY(&r, "AT+FSMEM\r", LN("+FSMEM: C:(11348480, 2201605)") OKAY);
    SAY(&r, "AT+FSATTRI=a.txt\r", LN("+FSATTRI: 5, 1980/01/06 00:00:00 Sun") OKAY);
    SAY(&r, "AT+CCLK=\"08/04/28,10:24:46+32\"\r", OKAY);
    SAY(&r, "AT+FSATTRI=\"C:/a.txt\"\r", LN("+FSATTRI: 5, 1980/01/06 00:00:00 Sun") OKAY);
    STORE(&r, "C:/b.txt", 3, "123");
    SAY(&r, "AT+FSATTRI=b.txt\r", LN("+FSATTRI: 3, 2008/04/28 10:24:46 Mon") OKAY);
    SAY(&r, "AT+FSRENAME=b.txt,a.txt\r", ERR);
    SAY(&r, "AT+FSRENAME=c.txt,d.txt\r", ERR);
    SAY(&r, "AT+FSRENAME=b.txt,no/c.txt\r", ERR);
    PASS(&r, 60000, "");
    SAY(&r, "AT+FSRENAME=b.txt, c.txt\r", OKAY);
    SAY(&r, "AT+FSATTRI=b.txt\r", ERR);
    SAY(&r, "AT+FSATTRI=c.txt\r", LN("+FSATTRI: 3, 2008/04/28 10:24:46 Mon") OKAY);
    STORE(&r, "C:/a.txt", 2, "ab"); /* overwritten, and younger */
    SAY(&r, "AT+FSATTRI=a.txt\r", LN("+FSATTRI: 2, 2008/04/28 10:25:46 Mon") OKAY);
    SAY(&r, "AT+FSMKDIR=keep\r", OKAY);
    STORE(&r, "C:/keep/a.txt", 2, "ab");
    SAY(&r, "AT+FSDEL=a.txt\r", OKAY);
    SAY(&r, "AT+FSDEL=*.*;+FSLS?\r", LN("+FSLS: SUBDIRECTORIES:1,FILES:0") OKAY);
    SAY(&r, "AT+FSDEL=keep/a.txt;+FSMEM\r", LN("+FSMEM: C:(11348480, 2201600)") OKAY);
    SAY(&r, "AT+FSCD=E:;+FSMEM\r", LN("+FSCD: E:/") LN("+FSMEM: E:(11348480, 0)") OKAY);
    rig_end(&r);
}

static void copies(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    STORE(&r, "C:/TESTFILE", 4, "test");
    SAY(&r, "AT+FSCOPY= C:/TESTFILE,COPYFILE\r", "\r\n+FSCOPY: 1.0\r\n+FSCOPY: 100.0\r\n" OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/COPYFILE\"\r",
        "\r\n+CFTRANTX: DATA,4\r\ntest\r\n+CFTRANTX: 0\r\n" OKAY);
    SAY(&r, "AT+FSCOPY=TESTFILE,E:/t,1\r",
        OKAY LN("+FSCOPY: 1.0") LN("+FSCOPY: 100.0") LN("+FSCOPY: END"));
    SAY(&r, "AT+FSCOPY=TESTFILE,COPYFILE\r", LN("FILE IS EXISTING") ERR);
    SAY(&r, "AT+FSCOPY=NOFILE,x\r", LN("FILE NOT EXISTING") ERR);
    SAY(&r, "AT+FSCOPY=TESTFILE,C:/no/x\r", LN("DIRECTORY NOT EXISTED") ERR);
    SAY(&r, "AT+FSCOPY=TESTFILE,D:/x\r", LN("SD CARD NOT PLUGGED IN") ERR);
    SAY(&r, "AT+FSCOPY=TESTFILE,\"a?b\"\r", LN("INVALID FILE NAME") ERR);
    SAY(&r, "AT+FSCOPY=TESTFILE,\"?/b\"\r", LN("INVALID PATH NAME") ERR);
    SAY(&r, "AT+FSMKDIR=dir\r", OKAY);
    SAY(&r, "AT+FSCOPY=TESTFILE,dir\r", LN("DIRECTORY IS EXISTED") ERR);
    SAY(&r, "AT+FSCOPY=TESTFILE,x,2\r", ERR);
    rig_end(&r);
}

static void the_sd_card(void **state)
{
    (void)state;
    struct rig r;
    char error[256] = "";
    rig_start_quiet(&r, "");
    SAY(&r, "AT+FSCD=D:\r", ERR);
    assert_true(modem_set(r.m, SPAN_LIT("sd.card"), SPAN_LIT("present"), error, sizeof error));
    SAY(&r, "AT+FSCD=D:\r", LN("+FSCD: D:/") OKAY);
    STORE(&r, "D:/x", 1, "x");
    assert_true(modem_set(r.m, SPAN_LIT("sd.card"), SPAN_LIT("absent"), error, sizeof error));
    SAY(&r, "AT+FSATTRI=x\r", ERR);
    SAY(&r, "AT+CFTRANTX=\"D:/x\"\r", ERR);
    rig_end(&r);
}

/* --- transmission --- */

static void transmission(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CFTRANRX=?\r", LN("+CFTRANRX: [{non-ascii}]\"FILEPATH\"") OKAY);
    SAY(&r, "AT+CFTRANTX=?\r", LN("+CFTRANTX: [{non-ascii}]\"FILEPATH\"") OKAY);
    SAY(&r, "AT+CFTRANRX=\"t1.txt\",10\r", ERR); /* the drive is missing */
    SAY(&r, "AT+CFTRANRX=\"C:/MyDir/t1.txt\",10\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"C:/\",10\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"C:/t1.txt\",-1\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"C:/t1.txt\",524289\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"c:/t1.txt\",11\r", "\r\n>");
    SAY(&r, "Testcontent", OKAY);
    SAY(&r, "AT+CFTRANTX=\"c:/t1.txt\"\r",
        "\r\n+CFTRANTX: DATA,11\r\nTestcontent\r\n+CFTRANTX: 0\r\n" OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/t1.txt\",1,4\r",
        "\r\n+CFTRANTX: DATA,4\r\nestc\r\n+CFTRANTX: 0\r\n" OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/t1.txt\",7\r",
        "\r\n+CFTRANTX: DATA,4\r\ntent\r\n+CFTRANTX: 0\r\n" OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/t1.txt\",7,100\r",
        "\r\n+CFTRANTX: DATA,4\r\ntent\r\n+CFTRANTX: 0\r\n" OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/t1.txt\",11\r", LN("+CFTRANTX: 0") OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/t1.txt\",0,0\r", LN("+CFTRANTX: 0") OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/t1.txt\",12\r", ERR);
    SAY(&r, "AT+CFTRANTX=\"C:/t2.txt\"\r", ERR);
    SAY(&r, "AT+CFTRANTX=\"t1.txt\"\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"E:/empty\",0\r", OKAY);
    SAY(&r, "AT+CFTRANTX=\"E:/empty\"\r", LN("+CFTRANTX: 0") OKAY);
    rig_end(&r);
}

/* Every byte, and as many of them as a file may have. */
static void bytes_of_all_kinds(void **state)
{
    (void)state;
    struct rig r;
    struct buf bytes;
    struct buf want;
    rig_start_quiet(&r, "");
    buf_init(&bytes, FS_FILE_MAX);
    buf_init(&want, RIG_CAP);
    for (size_t i = 0; i < FS_FILE_MAX; i++) {
        assert_true(buf_add_byte(&bytes, (uint8_t)(i * 7 + i / 256)));
    }
    SAY(&r, "AT+CFTRANRX=\"C:/big\",524288\r", "\r\n>");
    for (size_t at = 0; at < bytes.n; at += 4096) {
        rig_type(&r, span_of(bytes.p + at, 4096));
    }
    SAID(&r, OKAY);
    SAY(&r, "AT+FSMEM\r", LN("+FSMEM: C:(11348480, 2725888)") OKAY);
    TYPE(&r, "AT+CFTRANTX=\"C:/big\"\r");
    assert_true(buf_addf(&want, "\r\n+CFTRANTX: DATA,524288\r\n"));
    assert_true(buf_add(&want, buf_span(&bytes)));
    assert_true(buf_addf(&want, "\r\n+CFTRANTX: 0\r\n" OKAY));
    assert_int_equal(r.said.n, want.n);
    assert_memory_equal(r.said.p, want.p, want.n);
    assert_true(rig_traced(&r, "(524288 bytes of a file)"));
    buf_fini(&bytes);
    buf_fini(&want);
    rig_end(&r);
}

/* 17 files of that size fit on C:; then it is full. */
static void a_full_drive(void **state)
{
    (void)state;
    struct rig r;
    struct buf bytes;
    rig_start_quiet(&r, "");
    buf_init(&bytes, FS_FILE_MAX);
    while (bytes.n < FS_FILE_MAX) {
        assert_true(buf_add(&bytes, SPAN_LIT("0123456789abcdef")));
    }
    assert_int_equal(rig_put(&r, FILE_USER, SPAN_LIT("C|f00"), buf_span(&bytes)), 0);
    for (int i = 1; i < 17; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "AT+FSCOPY=f00,f%02d\r", i);
        rig_type(&r, span_str(line));
        SAID(&r, "\r\n+FSCOPY: 1.0\r\n+FSCOPY: 100.0\r\n" OKAY);
    }
    SAY(&r, "AT+FSMEM\r", LN("+FSMEM: C:(11348480, 11114496)") OKAY);
    SAY(&r, "AT+FSCOPY=f00,f17\r", LN("EFS HAVE NO ENOUGH MEMORY") ERR);
    SAY(&r, "AT+CFTRANRX=\"C:/x\",233985\r", ERR);
    SAY(&r, "AT+CFTRANRX=\"E:/x\",233985\r", "\r\n>");
    for (size_t at = 0; at < 233985; at += 4096) {
        rig_type(&r, span_of(bytes.p, at + 4096 < 233985 ? 4096 : 233985 - at));
    }
    SAID(&r, OKAY);
    buf_fini(&bytes);
    rig_end(&r);
}

static void the_host_cannot(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    STORE(&r, "C:/a", 1, "x");
    SAY(&r, "AT+CFTRANRX=\"C:/b\",1\r", "\r\n>");
    r.file_error = -ENOSPC;
    SAY(&r, "x", ERR);
    SAY(&r, "AT+FSLS\r", ERR);
    SAY(&r, "AT+FSLS?\r", ERR);
    SAY(&r, "AT+FSMKDIR=x\r", ERR);
    SAY(&r, "AT+FSDEL=*.*\r", ERR);
    SAY(&r, "AT+FSATTRI=a\r", ERR);
    r.file_error = 0;
    SAY(&r, "AT+FSLS\r", "\r\n+FSLS: FILES:\r\na\r\n" OKAY);
    rig_end(&r);
}

/* Files and folders outlive power-off, the current folder does not. */
static void what_survives(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+FSMKDIR=dir;+FSCD=dir\r", LN("+FSCD: C:/dir/") OKAY);
    STORE(&r, "C:/dir/a", 3, "abc");
    modem_free(&r.m);
    r.m = modem_new(&r.cfg, &r.sched, &rig_host, &r);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+FSCD?;+FSLS?\r", LN("+FSCD: C:/") LN("+FSLS: SUBDIRECTORIES:1,FILES:0") OKAY);
    SAY(&r, "AT+CFTRANTX=\"C:/dir/a\"\r", "\r\n+CFTRANTX: DATA,3\r\nabc\r\n+CFTRANTX: 0\r\n" OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders),
        cmocka_unit_test(lists),
        cmocka_unit_test(one_name_is_a_file_or_a_folder),
        cmocka_unit_test(names),
        cmocka_unit_test(the_longest_path),
        cmocka_unit_test(files),
        cmocka_unit_test(copies),
        cmocka_unit_test(the_sd_card),
        cmocka_unit_test(transmission),
        cmocka_unit_test(bytes_of_all_kinds),
        cmocka_unit_test(a_full_drive),
        cmocka_unit_test(the_host_cannot),
        cmocka_unit_test(what_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
